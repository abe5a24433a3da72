namespace MuseWorkbench.Curation.Exchange;

/// <summary>An import can't be read as a whole; the message is for the user.</summary>
public sealed class ImportRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One record can't be read: the file is not what it says it is. The message is for the user.</summary>
internal sealed class MalformedRecordException(string message) : Exception(message);

/// <summary>One record can be read and makes no case. The message is for the user.</summary>
internal sealed class UnusableRecordException(string message) : Exception(message);

/// <summary>An image was refused; the message is for the user.</summary>
public sealed class CaseImageRefusedException(string message) : Exception(message);
