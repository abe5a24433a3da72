using System.Security.Cryptography;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Teams;

/// <summary>Names a team by its content.</summary>
public static class TeamHash
{
    /// <summary>SHA-256, 64 lower-case hexadecimal digits, of the team as our JSON writes it: fixed order, nothing left to chance.</summary>
    public static string Of(TeamSpec team)
    {
        ArgumentNullException.ThrowIfNull(team);
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(team, MuseJson.Options)));
    }
}
