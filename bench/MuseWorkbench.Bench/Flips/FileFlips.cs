namespace MuseWorkbench.Bench.Flips;

/// <summary>A copy of a file, damaged in one of many ways at a time: number <c>i</c> of a seed is always the same.</summary>
internal sealed class FileFlips : IDisposable
{
    private readonly byte[] _sound;
    private readonly int _header;
    private readonly int _seed;
    private readonly FileStream _copy;
    private readonly List<int> _damaged = [];

    /// <param name="file">The sound file.</param>
    /// <param name="copy">Where the damaged copy is kept.</param>
    /// <param name="header">Bytes of its header, where two of three flips fall.</param>
    /// <param name="seed">Of the series.</param>
    public FileFlips(string file, string copy, int header, int seed)
    {
        (_sound, _header, _seed) = (File.ReadAllBytes(file), header, seed);
        File.Copy(file, copy);
        _copy = new FileStream(copy, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Makes the copy the damaged file of this number: the last one's damage is undone.</summary>
    public void Make(int number)
    {
        foreach (var place in _damaged)
        {
            Write(place, _sound[place]);
        }

        _damaged.Clear();
        var random = new Random(unchecked((_seed * 1_000_003) + number));
        var (from, to) = random.Next(3) < 2 ? (0, _header) : (_header, _sound.Length);
        switch (random.Next(4))
        {
            case 0: // one bit
                var bit = random.Next(from, to);
                Damage(bit, (byte)(_sound[bit] ^ (1 << random.Next(8))));
                break;
            case 1: // one byte
                Damage(random.Next(from, to), (byte)random.Next(256));
                break;
            case 2: // a run of bytes, as a number or a text would be overwritten
                var start = random.Next(from, to - 8);
                for (var i = random.Next(2, 9); i > 0; i--)
                {
                    Damage(start + i - 1, (byte)random.Next(256));
                }

                break;
            default: // several places
                for (var i = random.Next(2, 9); i > 0; i--)
                {
                    Damage(random.Next(from, to), (byte)random.Next(256));
                }

                break;
        }
    }

    public void Dispose() => _copy.Dispose();

    private void Damage(int place, byte value)
    {
        _damaged.Add(place);
        Write(place, value);
    }

    private void Write(int place, byte value) => RandomAccess.Write(_copy.SafeFileHandle, [value], place);
}
