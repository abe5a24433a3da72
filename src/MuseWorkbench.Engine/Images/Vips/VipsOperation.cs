using static MuseWorkbench.Engine.Images.Vips.VipsNative;

namespace MuseWorkbench.Engine.Images.Vips;

/// <summary>
/// One libvips operation: set arguments, then take the output. Images are computed on demand, so what an operation
/// reads (a buffer above all) must outlive every image made from it.
/// </summary>
internal sealed class VipsOperation : IDisposable
{
    private readonly string _name;
    private readonly VipsObject _operation;

    /// <exception cref="VipsException">There is no such operation, or it is blocked.</exception>
    public VipsOperation(string name)
    {
        VipsLibrary.EnsureInitialized();
        _name = name;
        _operation = NewOperation(name);
        Check(!_operation.IsInvalid);
    }

    /// <summary>A number, a boolean, a nickname of an enumeration, or numbers separated by spaces.</summary>
    public VipsOperation Set(string argument, string value)
    {
        Check(SetArgument(_operation, argument, value) == 0);
        return this;
    }

    public VipsOperation Set(string argument, VipsObject image)
    {
        var value = default(GValue);
        InitValue(ref value, ImageType());
        SetObject(ref value, image);
        SetProperty(_operation, argument, ref value);
        UnsetValue(ref value);
        return this;
    }

    /// <summary>Memory that stays where it is until every image made from it is gone.</summary>
    public unsafe VipsOperation Set(string argument, void* data, int length)
    {
        var blob = NewBlob(0, data, (nuint)length);
        var value = default(GValue);
        InitValue(ref value, BlobType());
        SetBoxed(ref value, blob);
        SetProperty(_operation, argument, ref value);
        UnsetValue(ref value);
        UnrefArea(blob);
        return this;
    }

    /// <summary>Builds the operation and takes its image.</summary>
    /// <exception cref="VipsException">It failed.</exception>
    public VipsObject TakeImage(string output = "out")
    {
        using var built = Build();
        var value = default(GValue);
        InitValue(ref value, ImageType());
        GetProperty(built, output, ref value);
        var image = DuplicateObject(ref value);
        UnsetValue(ref value);
        UnrefOutputs(built);
        Check(!image.IsInvalid);
        return image;
    }

    /// <summary>Builds the operation and copies the bytes it made.</summary>
    /// <exception cref="VipsException">It failed.</exception>
    public unsafe byte[] TakeBytes(string output = "buffer")
    {
        using var built = Build();
        var value = default(GValue);
        InitValue(ref value, BlobType());
        GetProperty(built, output, ref value);
        var data = GetBlob(GetBoxed(ref value), out var length);
        var bytes = new ReadOnlySpan<byte>(data, checked((int)length)).ToArray();
        UnsetValue(ref value);
        UnrefOutputs(built);
        return bytes;
    }

    public void Dispose() => _operation.Dispose();

    private VipsObject Build()
    {
        var built = BuildOperation(_operation);
        if (built.IsInvalid)
        {
            // A build that failed half-way may have made outputs, and they refer back to the operation.
            UnrefOutputs(_operation);
        }

        Check(!built.IsInvalid);
        return built;
    }

    private void Check(bool succeeded)
    {
        if (!succeeded)
        {
            ClearErrors();
            throw new VipsException(_name);
        }
    }
}
