namespace MuseWorkbench.Agents.Teams;

/// <summary>How a team is written in a file.</summary>
public enum TeamFormat { Json, Yaml }

/// <summary>A team's text can't be read; the message is for whoever wrote it.</summary>
public sealed class TeamFormatException(string message, Exception? inner = null) : Exception(message, inner);
