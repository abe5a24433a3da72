using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using MuseWorkbench.Web.Access;

namespace MuseWorkbench.Web.Hosting;

/// <summary>What the terminal says at start: the address to open, or why there is none.</summary>
internal static class StartMessage
{
    public static void Print(WebApplication app, TextWriter output)
    {
        var key = app.Services.GetRequiredService<AccessKey>();
        output.WriteLine(key.IsConfigured ? "Muse Workbench is running. Open this address and give it your key (Access:Key):" : "Muse Workbench is running. Open this address:");
        foreach (var url in app.Urls)
        {
            output.WriteLine(key.IsConfigured ? $"  {url.TrimEnd('/')}/" : $"  {url.TrimEnd('/')}/?token={key.Value}");
        }

        output.Flush();
    }

    private const string ChooseAddress = "Choose one with --urls, such as --urls http://127.0.0.1:5081.";

    /// <summary>A sentence for a start that failed in a known way, else null.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartRefusedException => exception.Message,
        OptionsValidationException => exception.Message,
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message} Another program, perhaps another workbench, has that port. {ChooseAddress}",
        SocketException => $"The workbench can't listen on the address it was given: {Ended(exception.Message)} {ChooseAddress}",
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } =>
            $"A setting has a value it can't have. {Ended(exception.Message)}",
        InvalidDataException { InnerException: FormatException } => // of a settings file
            $"The settings can't be read. {exception.Message} {Ended(exception.GetBaseException().Message)}",
        _ => exception.InnerException is { } inner ? Explain(inner) : null,
    };

    private static string Ended(string sentence) => sentence.EndsWith('.') ? sentence : sentence + ".";
}
