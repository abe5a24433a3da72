using MuseWorkbench.EngineNode.Fitting;
using MuseWorkbench.EngineNode.Hosting;
using MuseWorkbench.EngineNode.Tuning;

var code = args switch
{
    [TuneCommand.Name, .. var rest] => await TuneCommand.RunAsync(rest, Console.Out, Console.Error),
    [FitCommand.Name, .. var rest] => await FitCommand.RunAsync(rest, Console.Out, Console.Error),
    [DevicesCommand.Name, .. var rest] => await DevicesCommand.RunAsync(rest, Console.Out, Console.Error),
    _ => await NodeHost.RunAsync(args, NodeProcess.Current, builder => builder.Services.AddSingleton<IEngineLoader, ModelEngineLoader>()),
};
// Not simply returned: native code left behind by a load or a hang must not keep the process alive.
NodeProcess.Current.Exit(code);
