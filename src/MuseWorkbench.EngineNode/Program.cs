using MuseWorkbench.EngineNode.Hosting;

var code = await NodeHost.RunAsync(args, NodeProcess.Current, builder => builder.Services.AddSingleton<IEngineLoader, ModelEngineLoader>());
// Not simply returned: native code left behind by a load or a hang must not keep the process alive.
NodeProcess.Current.Exit(code);
