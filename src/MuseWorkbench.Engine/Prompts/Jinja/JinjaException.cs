namespace MuseWorkbench.Engine.Prompts.Jinja;

/// <summary>A template can't be read or rendered. The message is one for the person who asked.</summary>
internal class JinjaException(string message) : Exception(message)
{
    /// <summary>The template's line, from 1; 0 where the message says it or none is known.</summary>
    public int Line { get; set; }
}

/// <summary>The template itself refused, by <c>raise_exception</c>.</summary>
internal sealed class JinjaRaisedException(string message) : JinjaException(message);

/// <summary>The template took too much time, depth or memory.</summary>
internal sealed class JinjaLimitException(string message) : JinjaException(message);
