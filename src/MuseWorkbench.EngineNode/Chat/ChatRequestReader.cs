using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>
/// The one place where a request's JSON becomes a typed, range-checked value. What would change the reply and can't be
/// done is refused; what would not (<c>user</c>, <c>store</c>, <c>metadata</c> …) is passed over.
/// </summary>
internal static class ChatRequestReader
{
    private const float SmallestTopP = 1e-6f;

    /// <exception cref="ApiException">Says what is wrong, several faults at a time.</exception>
    /// <param name="toolCalls">How the model writes calls of tools.</param>
    public static ChatRequest Read(JsonElement body, ToolCallFormat toolCalls)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new ApiException(ApiError.BadRequest("The body must be a JSON object.", "invalid_type"));
        }

        var faults = new RequestFaults();
        var fields = new RequestFields(body, faults);
        RefuseUnsupported(fields, faults);
        var stream = fields.Flag("stream") ?? false;
        var messages = new MessageReader(faults).Read(body);
        var request = new ChatRequest
        {
            Model = fields.Text("model"),
            Messages = messages,
            Sampling = ReadSampling(fields, faults),
            Seed = ReadSeed(fields),
            Count = (int)(fields.Integer("n", 1, ApiLimits.Sequences) ?? 1),
            MaxTokens = ReadMaxTokens(fields, faults),
            Stop = ReadStop(fields, faults),
            TopLogProbs = ReadLogProbs(fields, faults),
            RunId = ReadName(fields, faults, "run_id"),
            Agent = ReadName(fields, faults, "agent"),
            Priority = (int)(fields.Integer("priority", -ApiLimits.Priority, ApiLimits.Priority) ?? 0),
            Stream = stream,
            IncludeUsage = ReadIncludeUsage(fields, faults, stream),
            ReturnProgress = fields.Flag("return_progress") ?? false,
            ReturnPrompt = fields.Flag("return_prompt") ?? false,
            ContinueFinalMessage = ReadContinue(fields, faults, messages),
            CacheAnswer = fields.Flag("cache_answer") ?? false,
            ConfidenceWindow = ReadConfidence(fields, faults),
            Grammar = new OutputReader(faults).Read(fields),
            Tools = new ToolReader(faults, toolCalls).Read(fields),
            TemplateVariables = TemplateVariableReader.Read(fields, faults),
        };
        if (request is { Grammar: not null, Tools: not null })
        {
            faults.Add("tools", "'tools' can't be combined with 'grammar' or 'response_format' unless 'tool_choice' is none.");
        }

        faults.ThrowIfAny();
        return request;
    }

    private static SamplingOptions ReadSampling(RequestFields fields, RequestFaults faults)
    {
        var defaults = new SamplingOptions();
        return new SamplingOptions
        {
            Temperature = (float)(fields.Number("temperature", 0, 2) ?? defaults.Temperature),
            // OpenAI allows 0, which leaves only the likeliest token; samplers want a share above it.
            TopP = Math.Max((float)(fields.Number("top_p", 0, 1) ?? defaults.TopP), SmallestTopP),
            TopK = (int)(fields.Integer("top_k", 0, int.MaxValue) ?? defaults.TopK),
            MinP = (float)(fields.Number("min_p", 0, 1) ?? defaults.MinP),
            RepeatPenalty = (float)(fields.Number("repeat_penalty", 0.1, 10) ?? defaults.RepeatPenalty),
            FrequencyPenalty = (float)(fields.Number("frequency_penalty", -2, 2) ?? defaults.FrequencyPenalty),
            PresencePenalty = (float)(fields.Number("presence_penalty", -2, 2) ?? defaults.PresencePenalty),
            LogitBias = ReadLogitBias(fields, faults),
        };
    }

    /// <summary>−1 asks for a random seed, as with llama-server.</summary>
    private static uint ReadSeed(RequestFields fields) =>
        fields.Integer("seed", -1, uint.MaxValue) is { } seed and >= 0 ? (uint)seed : (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    private static int? ReadMaxTokens(RequestFields fields, RequestFaults faults)
    {
        var current = fields.Integer("max_completion_tokens", 1, int.MaxValue);
        var former = fields.Integer("max_tokens", 1, int.MaxValue);
        if (current is not null && former is not null && current != former)
        {
            faults.Add("max_tokens", "'max_tokens' and 'max_completion_tokens' differ; give one of them.");
        }

        return (int?)(current ?? former);
    }

    private static List<string> ReadStop(RequestFields fields, RequestFaults faults)
    {
        if (!fields.TryGet("stop", out var stop))
        {
            return [];
        }

        IEnumerable<JsonElement> texts = stop.ValueKind switch
        {
            JsonValueKind.String => [stop],
            JsonValueKind.Array when stop.GetArrayLength() <= ApiLimits.StopTexts => stop.EnumerateArray(),
            _ => [],
        };
        var read = new List<string>();
        foreach (var text in texts)
        {
            if (text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 and <= ApiLimits.StopTextLength } value)
            {
                read.Add(value);
            }
        }

        var expected = stop.ValueKind == JsonValueKind.Array ? stop.GetArrayLength() : 1;
        if (read.Count != expected)
        {
            faults.Add("stop", $"'stop' must be a string of 1 to {ApiLimits.StopTextLength} characters, or an array of at most {ApiLimits.StopTexts} of them.");
        }

        return read;
    }

    private static ImmutableDictionary<int, float> ReadLogitBias(RequestFields fields, RequestFaults faults)
    {
        if (!fields.TryGet("logit_bias", out var biases))
        {
            return ImmutableDictionary<int, float>.Empty;
        }

        if (biases.ValueKind != JsonValueKind.Object)
        {
            faults.AddType("logit_bias", "an object of token ids and biases");
            return ImmutableDictionary<int, float>.Empty;
        }

        var read = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var bias in biases.EnumerateObject())
        {
            if (int.TryParse(bias.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var token)
                && bias.Value.ValueKind == JsonValueKind.Number
                && bias.Value.TryGetDouble(out var value) && value is >= -100 and <= 100
                && read.Count < ApiLimits.LogitBiases)
            {
                read[token] = (float)value;
                continue;
            }

            faults.Add("logit_bias", $"'logit_bias' must map at most {ApiLimits.LogitBiases} token ids (such as \"42\") to numbers between -100 and 100.");
            break;
        }

        return read.ToImmutable();
    }

    private static int ReadLogProbs(RequestFields fields, RequestFaults faults)
    {
        var wanted = fields.Flag("logprobs") ?? false;
        var top = (int?)fields.Integer("top_logprobs", 0, ApiLimits.TopLogProbs);
        if (top is not null && !wanted)
        {
            faults.Add("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
        }

        return wanted ? top ?? 0 : -1;
    }

    private static string? ReadName(RequestFields fields, RequestFaults faults, string field)
    {
        var name = fields.Text(field);
        if (name is { Length: 0 or > ApiLimits.NameLength })
        {
            faults.Add(field, $"'{field}' must have 1 to {ApiLimits.NameLength} characters.");
        }

        return name;
    }

    /// <summary>As vLLM's: the two exclude each other, and what is gone on with is an assistant's text.</summary>
    private static bool ReadContinue(RequestFields fields, RequestFaults faults, IReadOnlyList<ChatMessage> messages)
    {
        var opens = fields.Flag("add_generation_prompt");
        if (fields.Flag("continue_final_message") is not true)
        {
            if (opens is false)
            {
                faults.Add("add_generation_prompt", "'add_generation_prompt' can be false only with 'continue_final_message'.");
            }

            return false;
        }

        if (opens is true)
        {
            faults.Add("continue_final_message", "'continue_final_message' and 'add_generation_prompt' can't both be true.");
        }

        if (messages is not [_, .., { Role: "assistant", ToolCalls.Count: 0 } last] || last.Parts.Any(part => part is not MessageText))
        {
            faults.Add("continue_final_message", "'continue_final_message' needs a last message of role assistant that is text, after another one.");
        }

        return true;
    }

    private static int? ReadConfidence(RequestFields fields, RequestFaults faults)
    {
        var wanted = fields.Flag("confidence") ?? false;
        var window = (int?)fields.Integer("confidence_window", 1, ConfidenceTrace.Tail);
        if (window is not null && !wanted)
        {
            faults.Add("confidence_window", "'confidence_window' needs 'confidence' to be true.");
        }

        return wanted ? window ?? ApiLimits.ConfidenceWindow : null;
    }

    private static bool ReadIncludeUsage(RequestFields fields, RequestFaults faults, bool stream)
    {
        if (!fields.TryGet("stream_options", out var options))
        {
            return false;
        }

        if (options.ValueKind != JsonValueKind.Object)
        {
            faults.AddType("stream_options", "an object");
            return false;
        }

        if (!stream)
        {
            faults.Add("stream_options", "'stream_options' needs 'stream' to be true.");
        }

        return new RequestFields(options, faults, "stream_options").Flag("include_usage") ?? false;
    }

    private static void RefuseUnsupported(RequestFields fields, RequestFaults faults)
    {
        if (fields.TryGet("functions", out var list) && !(list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0))
        {
            faults.Add("functions", "'functions' is not supported; 'tools' is.", "unsupported_parameter");
        }

        foreach (var name in (ReadOnlySpan<string>)["audio", "json_schema", "function_call"])
        {
            if (fields.TryGet(name, out _))
            {
                faults.Add(name, $"'{name}' is not supported.", "unsupported_parameter");
            }
        }
    }
}
