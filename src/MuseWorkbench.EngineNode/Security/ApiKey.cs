using System.Security.Cryptography;
using System.Text;

namespace MuseWorkbench.EngineNode.Security;

/// <summary>The node's key, kept as a hash; comparing takes the same time whatever is sent.</summary>
internal sealed class ApiKey
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? _hash;

    /// <param name="key">Null or empty: no key is asked for.</param>
    public ApiKey(string? key) => _hash = string.IsNullOrEmpty(key) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public bool IsSet => _hash is not null;

    /// <summary>Whether the values of an Authorization header open the node: exactly one, <c>Bearer KEY</c>.</summary>
    public bool Accepts(IReadOnlyList<string?> authorization)
    {
        if (_hash is null)
        {
            return true;
        }

        if (authorization.Count != 1 || authorization[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var given = SHA256.HashData(Encoding.UTF8.GetBytes(value[Scheme.Length..].Trim()));
        return CryptographicOperations.FixedTimeEquals(given, _hash);
    }
}
