namespace MuseWorkbench.Bench.Flips;

/// <summary>Damaged copies of a file: number <c>i</c> of a seed is always the same.</summary>
/// <param name="file">The sound file.</param>
/// <param name="header">Bytes of its header, where two of three flips fall.</param>
/// <param name="seed">Of the series.</param>
internal sealed class FileFlips(byte[] file, int header, int seed)
{
    public byte[] Make(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var damaged = file.ToArray();
        var (from, to) = random.Next(3) < 2 ? (0, header) : (header, file.Length);
        switch (random.Next(4))
        {
            case 0: // one bit
                damaged[random.Next(from, to)] ^= (byte)(1 << random.Next(8));
                break;
            case 1: // one byte
                damaged[random.Next(from, to)] = (byte)random.Next(256);
                break;
            case 2: // a run of bytes, as a number or a text would be overwritten
                random.NextBytes(damaged.AsSpan(random.Next(from, to - 8), random.Next(2, 9)));
                break;
            default: // several places
                for (var i = random.Next(2, 9); i > 0; i--)
                {
                    damaged[random.Next(from, to)] ^= (byte)random.Next(1, 256);
                }

                break;
        }

        return damaged;
    }
}
