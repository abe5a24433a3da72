namespace MuseWorkbench.Web.Features.Compare;

internal static class CompareServices
{
    public static void AddCompare(this WebApplicationBuilder builder) => builder.Services.AddSingleton<VoteFolder>();
}
