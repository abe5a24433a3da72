using MuseWorkbench.Web;
using MuseWorkbench.Web.Features.Experiments.Eval;

return args is [EvalCommand.Name, .. var rest] ? await EvalCommand.RunAsync(rest, Console.Out, Console.Error) : await WebHost.RunAsync(args);
