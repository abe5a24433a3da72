using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Collects what is wrong with a request, so that its author sees more than one fault at a time.</summary>
internal sealed class RequestFaults
{
    /// <summary>Faults told in one message; a hostile body may have thousands.</summary>
    private const int Shown = 5;

    private readonly List<(string Message, string Code, string? Param)> _faults = [];
    private int _count;

    public bool Any => _count > 0;

    public void Add(string param, string message, string code = "invalid_value")
    {
        if (_count++ < Shown)
        {
            _faults.Add((message, code, param));
        }
    }

    public void AddType(string param, string expected) => Add(param, $"'{param}' must be {expected}.", "invalid_type");

    /// <exception cref="ApiException">Something was wrong; parameter and code are the first fault's.</exception>
    public void ThrowIfAny()
    {
        if (_count == 0)
        {
            return;
        }

        var message = string.Join(' ', _faults.Select(fault => fault.Message));
        if (_count > Shown)
        {
            message += $" And {_count - Shown} more.";
        }

        throw new ApiException(ApiError.BadRequest(message, _faults[0].Code, _faults[0].Param));
    }
}
