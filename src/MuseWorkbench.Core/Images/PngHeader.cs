using System.Buffers.Binary;

namespace MuseWorkbench.Core;

/// <summary>Size and orientation of a PNG: IHDR, and the eXIf chunk wherever it stands.</summary>
internal static class PngHeader
{
    private const int ChunkFrame = 12;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageHeader? TryRead(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith(Signature) || data.Length < 33
            || BinaryPrimitives.ReadUInt32BigEndian(data[8..]) != 13 || !data[12..].StartsWith("IHDR"u8))
        {
            return null;
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(data[16..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[20..]);
        return width > int.MaxValue || height > int.MaxValue
            ? null
            : ImageHeader.Create(ImageKind.Png, (int)width, (int)height, FindOrientation(data[33..]));
    }

    private static int FindOrientation(ReadOnlySpan<byte> chunks)
    {
        while (chunks.Length >= ChunkFrame)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(chunks);
            var type = chunks.Slice(4, 4);
            if (length > chunks.Length - ChunkFrame || type.SequenceEqual("IEND"u8))
            {
                break;
            }

            if (type.SequenceEqual("eXIf"u8))
            {
                return ExifOrientation.Read(chunks.Slice(8, (int)length));
            }

            chunks = chunks[(ChunkFrame + (int)length)..];
        }

        return 1;
    }
}
