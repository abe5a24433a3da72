using MuseWorkbench.Web;

return await WebHost.RunAsync(args);
