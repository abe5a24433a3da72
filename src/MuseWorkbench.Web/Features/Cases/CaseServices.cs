using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Web.Features.Cases.Exchange;

namespace MuseWorkbench.Web.Features.Cases;

/// <summary>What keeping, importing and exporting cases needs of this host.</summary>
internal static class CaseServices
{
    public static void AddCases(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ICaseImages, CaseImages>();
        builder.Services.AddSingleton<BundleCompany>();
        builder.Services.AddSingleton<IBundleCompany>(services => services.GetRequiredService<BundleCompany>());
        builder.Services.AddSingleton<CaseImporter>();
        builder.Services.AddSingleton<ImportUploads>();
    }
}
