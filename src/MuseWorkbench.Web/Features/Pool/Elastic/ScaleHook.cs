using System.ComponentModel;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>What is asked of whoever runs the servers elsewhere.</summary>
/// <param name="Member">The pool's member.</param>
/// <param name="Desired">Nodes there should be.</param>
/// <param name="Current">Nodes that were asked for last.</param>
/// <param name="Reason">Why, a sentence.</param>
internal sealed record ScaleRequest(string Member, int Desired, int Current, string Reason);

/// <summary>Asks for a number of nodes: by a command of the settings, which no shell reads, or by a webhook.</summary>
internal sealed class ScaleHook(NodesOptions options, TimeProvider time, HttpMessageHandler? handler = null) : IDisposable
{
    /// <summary>Of what a command or a webhook says when it fails.</summary>
    private const int MostLetters = 300;

    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Returns why it failed, a sentence; null where it was accepted.</summary>
    public async Task<string?> CallAsync(ScaleRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return options.Command.Count > 0 ? await RunAsync(request, either.Token) : await PostAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The {(options.Command.Count > 0 ? "command" : "webhook")} took longer than {options.TimeoutSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s.";
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> PostAsync(ScaleRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, options.Webhook) { Content = JsonContent.Create(request, options: MuseJson.Options) };
        if (options.WebhookKey.Length > 0)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.WebhookKey);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"The webhook answered {(int)response.StatusCode}.";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return "The webhook could not be reached.";
        }
    }

    private async Task<string?> RunAsync(ScaleRequest request, CancellationToken cancellationToken)
    {
        // Each argument is filled in by itself: what a reason or a name holds stays within it.
        string[] filled = [.. options.Command.Select(argument => argument
            .Replace("{desired}", request.Desired.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{current}", request.Current.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{member}", request.Member, StringComparison.Ordinal)
            .Replace("{reason}", request.Reason, StringComparison.Ordinal))];
        try
        {
            var end = await Subprocess.RunAsync(filled[0], filled[1..], cancellationToken);
            var said = string.Join(' ', end.Errors.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return end.ExitCode == 0 ? null : $"The command ended with exit code {end.ExitCode}{(said.Length > 0 ? $": {said[..Math.Min(said.Length, MostLetters)]}" : "")}.";
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return $"The command could not be run: {e.Message}.";
        }
    }
}
