using System.Text;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

/// <summary>
/// A runtime whose model is a hash of everything a sequence's cells hold, so that a wrong cell means a wrong token.
/// Keeps real cells and checks what native code would abort on or silently get wrong. Characters are tokens.
/// </summary>
internal sealed class FakeRuntime(
    int cells = 4096, int sequences = 16, int maxBatch = 64, int context = 4096, int vocabulary = 256) : ILlamaRuntime
{
    public const int EndToken = 0;

    /// <summary>As top-k: leaves the sampler nothing to draw.</summary>
    public const int ExcludeAll = -1;

    private const int Width = 2;

    private readonly List<Cell>[] _sequences = [.. Enumerable.Range(0, sequences).Select(_ => new List<Cell>())];
    private readonly Dictionary<int, float[]> _logits = [];

    public RuntimeInfo Info { get; init; } = new()
    {
        Description = "fake", Device = "fake", DeviceHasMemory = true, CellCapacity = cells, TrainedContext = context, MaxBatch = maxBatch,
        MaxPhysicalBatch = maxBatch, MaxSequences = sequences, VocabularySize = vocabulary, EmbeddingWidth = Width, Parameters = 1, SizeBytes = 1, CanSaveCells = true,
    };

    /// <summary>Every decode, in order.</summary>
    public List<Step> Steps { get; } = [];

    /// <summary>First value of every row of embeddings, in order.</summary>
    public List<float> Embedded { get; } = [];

    public int RowsComputed => Steps.Sum(s => s.Rows.Count);

    public int Used { get; private set; }

    public int LiveSamplers { get; private set; }

    public bool Disposed { get; private set; }

    /// <summary>Answers the next decode instead of computing it.</summary>
    public Queue<DecodeStatus> Answers { get; } = new();

    /// <summary>What follows, by the position of the last element; the hash decides where it gives null.</summary>
    public Func<int, int?> Script { get; set; } = _ => null;

    /// <summary>Told the rows of each decode while it is at work.</summary>
    public Action<int>? Working { get; set; }

    /// <summary>Lets one decode through each time it is released, where set.</summary>
    public SemaphoreSlim? Gate { get; set; }

    public DecodeStatus Decode(DecodeBatch batch)
    {
        Gate?.Wait();
        Working?.Invoke(batch.Rows);
        if (Answers.TryDequeue(out var answer))
        {
            return answer;
        }
        Assert.InRange(batch.Rows, 1, Info.MaxBatch);
        Assert.Equal(batch.Rows, batch.Sequences.Count);
        Assert.Equal(batch.Rows, batch.WantLogits.Count);
        Assert.True(batch.Tokens.Count == 0 ? batch.Embeddings.Length == batch.Rows * Width : batch.Tokens.Count == batch.Rows);
        if (Used + batch.Rows > Info.CellCapacity)
        {
            return DecodeStatus.NoSlot;
        }
        _logits.Clear();
        for (var row = 0; row < batch.Rows; row++)
        {
            var sequence = _sequences[batch.Sequences[row]];
            var position = batch.Positions[row];
            CheckPosition(sequence, batch, row);
            var key = batch.Tokens.Count > 0 ? batch.Tokens[row] : BitConverter.SingleToInt32Bits(batch.Embeddings.Span[row * Width]);
            // Where a row's position is its index, this adds nothing.
            var place = batch.Axes.Count > 0 && batch.Axes[row] != AxisPosition.Line(position) ? batch.Axes[row].GetHashCode() : position - sequence.Count;
            var cell = new Cell(Mix(sequence.Count == 0 ? 17 : sequence[^1].Hash, (uint)key ^ (uint)place), position, batch.Tokens.Count == 0);
            if (batch.Tokens.Count == 0)
            {
                Embedded.Add(batch.Embeddings.Span[row * Width]);
            }
            cell.Holders.Add(batch.Sequences[row]);
            sequence.Add(cell);
            Used++;
            if (batch.WantLogits[row])
            {
                var logits = new float[Info.VocabularySize];
                logits[Script(sequence.Count - 1) ?? Next(cell.Hash)] = 1;
                _logits[row] = logits;
            }
        }
        Steps.Add(new Step(
            batch.Tokens.Count == 0, [.. batch.Sequences.Zip(batch.Positions)], batch.WantLogits.Count(w => w)));
        return DecodeStatus.Ok;
    }

    public ReadOnlyMemory<float> GetLogits(int row) => _logits[row];

    public void CopySequence(int source, int destination, int from, int to)
    {
        Assert.NotEqual(source, destination);
        Assert.Equal(0, from);
        Assert.InRange(to, 1, int.MaxValue);
        Assert.Empty(_sequences[destination]);
        foreach (var cell in _sequences[source].TakeWhile(c => c.Position < to))
        {
            cell.Holders.Add(destination);
            _sequences[destination].Add(cell);
        }
    }

    public bool RemoveSequence(int sequence, int from, int to)
    {
        Assert.Equal(-1, to);
        foreach (var cell in _sequences[sequence].Where(c => c.Position >= from))
        {
            Assert.True(cell.Holders.Remove(sequence));
            Used -= cell.Holders.Count == 0 ? 1 : 0;
        }
        _sequences[sequence].RemoveAll(c => c.Position >= from);
        return true;
    }

    /// <summary>Copies in host memory that nobody has dropped, and their rows.</summary>
    public List<int> Saved { get; } = [];

    public SavedCells SaveCells(int sequence, int from, int to)
    {
        Assert.True(Info.CanSaveCells);
        Assert.True(from < to);
        var cells = new FakeCells([.. _sequences[sequence].Where(c => c.Position >= from && c.Position < to)], Saved);
        Assert.NotEmpty(cells.Cells);
        return cells;
    }

    public void LoadCells(SavedCells cells, int sequence, int from, int to)
    {
        var saved = Assert.IsType<FakeCells>(cells);
        Assert.False(saved.Disposed);
        Assert.True(Used + saved.Cells.Count <= Info.CellCapacity, "There is no room for all of the saved cells.");
        Assert.Equal(from, _sequences[sequence].Count == 0 ? 0 : _sequences[sequence][^1].Position + 1);
        foreach (var cell in saved.Cells.Where(c => c.Position >= from && c.Position < to))
        {
            var own = new Cell(cell.Hash, cell.Position, cell.Image);
            own.Holders.Add(sequence);
            _sequences[sequence].Add(own);
            Used++;
        }
    }

    public int LengthOf(int sequence) => _sequences[sequence].Count;

    /// <summary>Distinct cells, each with the sequences that hold it.</summary>
    public IEnumerable<IReadOnlyCollection<int>> Cells => _sequences.SelectMany(s => s).Distinct().Select(c => c.Holders);

    public ITokenSampler CreateSampler(SamplingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Temperature);
        LiveSamplers++;
        return new Sampler(options, () => LiveSamplers--);
    }

    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial) => [.. text.Select(c => (int)c)];

    public byte[] TokenToPiece(int token, bool special) => token >= 128 ? [(byte)token] : Encoding.ASCII.GetBytes([(char)token]);

    public bool IsEndOfGeneration(int token) => token == EndToken;

    public string ApplyChatTemplate(IReadOnlyList<(string Role, string Content)> messages) =>
        string.Concat(messages.Select(m => $"[{m.Role}]{m.Content}[/]")) + "[assistant]";

    public RuntimeMemory GetMemory() => new(1, 2, 3, 4);

    public void Dispose() => Disposed = true;

    /// <summary>Each row stands one after the last; rows of an image on several axes may stand together, and what follows them further on.</summary>
    private static void CheckPosition(List<Cell> sequence, DecodeBatch batch, int row)
    {
        var position = batch.Positions[row];
        var last = sequence.Count == 0 ? -1 : sequence[^1].Position;
        if (batch.Axes.Count > 0)
        {
            Assert.Equal(position, batch.Axes[row].T);
            Assert.InRange(position, Math.Max(0, last), last + 1);
        }
        else if (sequence.Count > 0 && sequence[^1].Image)
        {
            Assert.InRange(position, last + 1, sequence.Count);
        }
        else
        {
            Assert.Equal(last + 1, position);
        }
    }

    private static int Next(ulong hash) => hash % 41 == 0 ? EndToken : 'a' + (int)(hash % 26);

    private static ulong Mix(ulong hash, uint key)
    {
        hash = (hash ^ key) * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 29);
    }

    internal sealed record Step(bool Image, IReadOnlyList<(int Sequence, int Position)> Rows, int LogitsRows);

    private sealed class Cell(ulong hash, int position, bool image)
    {
        public int Position { get; } = position;
        public bool Image { get; } = image;
        public ulong Hash { get; } = hash;
        public HashSet<int> Holders { get; } = [];
    }

    private sealed class FakeCells : SavedCells
    {
        private readonly List<int> _saved;

        public FakeCells(IReadOnlyList<Cell> cells, List<int> saved)
        {
            (Cells, _saved) = (cells, saved);
            saved.Add(cells.Count);
        }

        public IReadOnlyList<Cell> Cells { get; }

        public bool Disposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            Assert.False(Disposed);
            Disposed = true;
            _saved.Remove(Cells.Count);
        }
    }

    /// <summary>Greedy at temperature 0; above, adds its own random state, which must survive a preemption.</summary>
    private sealed class Sampler(SamplingOptions options, Action disposed) : ITokenSampler
    {
        private uint _state = options.Seed;

        public int Sample(ReadOnlySpan<float> logits)
        {
            if (options.TopK == ExcludeAll)
            {
                throw new InvalidOperationException("No token can be drawn.");
            }
            var token = logits.IndexOf(1f);
            if (options.Temperature == 0 || token == EndToken)
            {
                return token;
            }
            _state = (_state * 1664525) + 1013904223;
            return 'a' + (int)((token + (_state >> 16)) % 26);
        }

        public void Accept(int token)
        {
        }

        public void Dispose() => disposed();
    }
}

/// <summary>Rows that depend on the image's hash alone; as many as the image is wide.</summary>
internal sealed class FakeEmbedder : IImageEmbedder
{
    public List<string> Embedded { get; } = [];

    public bool NonCausal { get; init; } = true;

    public string Prefix => "<";

    public string Suffix => ">";

    public Core.ImageFit Fit => Core.ImageFit.Stretch;

    /// <summary>What an image becomes; by default a row of its width.</summary>
    public Func<int, IReadOnlyList<ImagePiece>> Pieces { get; init; } = width => [new ImageRows(width, width)];

    public int CountTokens(int width, int height) => width;

    public IReadOnlyList<ImagePiece> Layout(int width, int height) => Pieces(width);

    public float[] Embed(RgbImage image)
    {
        Embedded.Add(image.ContentHash);
        if (image.ContentHash.StartsWith("bad", StringComparison.Ordinal))
        {
            throw new InvalidDataException("cannot be embedded");
        }
        var rows = new float[image.Width * 2];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (image.ContentHash[0] * 1000) + i;
        }
        return rows;
    }

    public static RgbImage Image(string hash, int rows = 8) => new(rows, 1, new byte[rows * 3], hash);
}
