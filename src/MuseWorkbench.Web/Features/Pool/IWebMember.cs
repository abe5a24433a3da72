using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>A member as the pages know it.</summary>
internal interface IWebMember : IPoolMember, IAsyncDisposable
{
    /// <summary>What charts and tables read of it.</summary>
    INodeMonitor Monitor { get; }

    /// <summary>Begins to work; disposing ends it.</summary>
    void Start();
}
