using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace MuseWorkbench.Web.Hosting;

/// <summary>Keeps the keys that seal cookies with the rest of the data, so that a restart locks nobody out.</summary>
internal sealed class KeysInDataDirectory(Places places, ILoggerFactory loggers) : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) =>
        options.XmlRepository = new FileSystemXmlRepository(places.DataFolder("keys"), loggers);
}
