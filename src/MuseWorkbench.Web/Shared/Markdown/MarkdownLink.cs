namespace MuseWorkbench.Web.Shared.Markdown;

/// <summary>Which addresses a model may link to.</summary>
internal static class MarkdownLink
{
    /// <summary>The address in the form that was checked, or null where it is to be shown as text.</summary>
    public static string? Safe(string? address) =>
        address is { Length: > 0 and <= 2048 } && !address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
        && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeMailto || ((uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0))
            ? uri.AbsoluteUri
            : null;
}
