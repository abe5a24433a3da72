using System.Buffers.Binary;
using System.Text;

namespace MuseWorkbench.Tests.Otlp;

/// <summary>A protobuf message, its fields by number as they came on the wire.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <exception cref="InvalidDataException">It is no protobuf message.</exception>
    public ProtoMessage(ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var tag = Varint(bytes.Span, ref at);
            var (field, wire) = ((int)(tag >> 3), (int)(tag & 7));
            switch (wire)
            {
                case 0:
                    _fields.Add((field, Varint(bytes.Span, ref at), default));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span), default));
                    break;
                case 2:
                    _fields.Add((field, 0, Take((int)Varint(bytes.Span, ref at))));
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span), default));
                    break;
                default:
                    throw new InvalidDataException($"wire type {wire} at {at}");
            }

            ReadOnlyMemory<byte> Take(int count)
            {
                at += count;
                return at <= bytes.Length ? bytes.Slice(at - count, count) : throw new InvalidDataException("a field is cut off");
            }
        }
    }

    public IEnumerable<ProtoMessage> Messages(int field) => _fields.Where(f => f.Field == field).Select(f => new ProtoMessage(f.Bytes));

    public ProtoMessage? Message(int field) => Messages(field).LastOrDefault();

    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    public ulong Number(int field) => _fields.LastOrDefault(f => f.Field == field).Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    public string Text(int field) => Encoding.UTF8.GetString(_fields.LastOrDefault(f => f.Field == field).Bytes.Span);

    public string Hex(int field) => Convert.ToHexStringLower(_fields.LastOrDefault(f => f.Field == field).Bytes.Span);

    /// <summary>Eight-byte values, packed or not.</summary>
    public IReadOnlyList<ulong> Fixed64s(int field)
    {
        var all = new List<ulong>();
        foreach (var (_, number, bytes) in _fields.Where(f => f.Field == field))
        {
            if (bytes.IsEmpty)
            {
                all.Add(number);
            }

            for (var at = 0; at < bytes.Length; at += 8)
            {
                all.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[at..]));
            }
        }

        return all;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = at < bytes.Length ? bytes[at++] : throw new InvalidDataException("a number is cut off");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number is too long");
    }
}
