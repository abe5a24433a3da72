using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>The part of llama.cpp's C API (build b10361) that the runtime uses, under its own names.</summary>
internal static unsafe partial class LlamaNative
{
    internal const string Llama = "llama";
    internal const string Ggml = "ggml";
    internal const string GgmlBase = "ggml-base";

    // Backends and devices.

    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void ggml_backend_load_all_from_path(string directory);

    [LibraryImport(Ggml)]
    internal static partial nuint ggml_backend_dev_count();

    [LibraryImport(Ggml)]
    internal static partial nint ggml_backend_dev_get(nuint index);

    [LibraryImport(GgmlBase)]
    internal static partial nint ggml_backend_dev_name(nint device);

    [LibraryImport(GgmlBase)]
    internal static partial nint ggml_backend_dev_description(nint device);

    [LibraryImport(GgmlBase)]
    internal static partial GgmlDeviceType ggml_backend_dev_type(nint device);

    [LibraryImport(GgmlBase)]
    internal static partial void ggml_backend_dev_memory(nint device, out nuint free, out nuint total);

    [LibraryImport(GgmlBase)]
    internal static partial nint ggml_backend_dev_backend_reg(nint device);

    [LibraryImport(GgmlBase)]
    internal static partial nint ggml_backend_buft_name(nint bufferType);

    [LibraryImport(GgmlBase, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint ggml_backend_reg_get_proc_address(nint backend, string name);

    [LibraryImport(GgmlBase)]
    internal static partial void ggml_threadpool_params_init(GgmlThreadPoolParams* parameters, int threads);

    [LibraryImport(Llama)]
    internal static partial void llama_backend_init();

    [LibraryImport(Llama)]
    internal static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, nint, void> callback, nint userData);

    // Model and vocabulary.

    [LibraryImport(Llama)]
    internal static partial LlamaModelParams llama_model_default_params();

    [LibraryImport(Llama, EntryPoint = "llama_model_default_params")]
    internal static partial LlamaParamsProbe ProbeModelParams();

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial LlamaModelHandle llama_model_load_from_file(string path, LlamaModelParams parameters);

    [LibraryImport(Llama)]
    internal static partial void llama_model_free(nint model);

    [LibraryImport(Llama)]
    internal static partial nint llama_model_get_vocab(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_ctx_train(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_embd(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_embd_inp(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_layer(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_head(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_head_kv(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_rope_type(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial ulong llama_model_size(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial ulong llama_model_n_params(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial int llama_model_desc(LlamaModelHandle model, byte* buffer, nuint size);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int llama_model_meta_val_str(LlamaModelHandle model, string key, byte* buffer, nuint size);

    [LibraryImport(Llama)]
    internal static partial byte llama_model_has_encoder(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial byte llama_model_has_decoder(LlamaModelHandle model);

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint llama_model_chat_template(LlamaModelHandle model, string? name);

    [LibraryImport(Llama)]
    internal static partial int llama_chat_apply_template(byte* template, LlamaChatMessage* chat, nuint count, byte openAssistant, byte* buffer, int length);

    [LibraryImport(Llama)]
    internal static partial int llama_chat_builtin_templates(nint* names, nuint length);

    [LibraryImport(Llama)]
    internal static partial int llama_vocab_n_tokens(LlamaVocabularyHandle vocabulary);

    [LibraryImport(Llama)]
    internal static partial byte llama_vocab_is_eog(LlamaVocabularyHandle vocabulary, int token);

    [LibraryImport(Llama)]
    internal static partial int llama_vocab_bos(LlamaVocabularyHandle vocabulary);

    [LibraryImport(Llama)]
    internal static partial int llama_vocab_eos(LlamaVocabularyHandle vocabulary);

    [LibraryImport(Llama)]
    internal static partial byte llama_vocab_get_add_bos(LlamaVocabularyHandle vocabulary);

    [LibraryImport(Llama)]
    internal static partial int llama_tokenize(LlamaVocabularyHandle vocabulary, byte* text, int textLength, int* tokens, int capacity, byte addSpecial, byte parseSpecial);

    [LibraryImport(Llama)]
    internal static partial int llama_token_to_piece(LlamaVocabularyHandle vocabulary, int token, byte* buffer, int length, int skipSpaces, byte special);

    // Context, decoding and memory.

    [LibraryImport(Llama)]
    internal static partial LlamaContextParams llama_context_default_params();

    [LibraryImport(Llama, EntryPoint = "llama_context_default_params")]
    internal static partial LlamaParamsProbe ProbeContextParams();

    [LibraryImport(Llama)]
    internal static partial LlamaContextHandle llama_init_from_model(LlamaModelHandle model, LlamaContextParams parameters);

    [LibraryImport(Llama)]
    internal static partial void llama_free(nint context);

    [LibraryImport(Llama)]
    internal static partial void llama_attach_threadpool(nint context, LlamaThreadPool pool, LlamaThreadPool batchPool);

    [LibraryImport(Llama)]
    internal static partial int llama_model_n_swa(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial byte llama_model_is_recurrent(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial byte llama_model_is_hybrid(LlamaModelHandle model);

    [LibraryImport(Llama)]
    internal static partial uint llama_n_ctx(LlamaContextHandle context);

    [LibraryImport(Llama)]
    internal static partial uint llama_n_batch(LlamaContextHandle context);

    [LibraryImport(Llama)]
    internal static partial uint llama_n_ubatch(LlamaContextHandle context);

    [LibraryImport(Llama)]
    internal static partial uint llama_n_seq_max(LlamaContextHandle context);

    [LibraryImport(Llama)]
    internal static partial nint llama_get_memory(LlamaContextHandle context);

    [LibraryImport(Llama)]
    internal static partial int llama_decode(LlamaContextHandle context, LlamaBatch batch);

    [LibraryImport(Llama)]
    internal static partial void llama_synchronize(LlamaContextHandle context);

    [LibraryImport(Llama)]
    internal static partial void llama_set_causal_attn(LlamaContextHandle context, byte causal);

    [LibraryImport(Llama)]
    internal static partial float* llama_get_logits_ith(LlamaContextHandle context, int row);

    [LibraryImport(Llama)]
    internal static partial byte llama_memory_seq_rm(nint memory, int sequence, int from, int to);

    [LibraryImport(Llama)]
    internal static partial void llama_memory_seq_cp(nint memory, int source, int destination, int from, int to);

    [LibraryImport(Llama)]
    internal static partial int llama_memory_seq_pos_min(nint memory, int sequence);

    [LibraryImport(Llama)]
    internal static partial int llama_memory_seq_pos_max(nint memory, int sequence);

    [LibraryImport(Llama)]
    internal static partial nuint llama_state_seq_get_size(LlamaContextHandle context, int sequence);

    [LibraryImport(Llama)]
    internal static partial nuint llama_state_seq_get_data(LlamaContextHandle context, byte* destination, nuint size, int sequence);

    [LibraryImport(Llama)]
    internal static partial nuint llama_state_seq_set_data(LlamaContextHandle context, byte* source, nuint size, int sequence);

    // Samplers. A chain owns what is added to it.

    [LibraryImport(Llama)]
    internal static partial LlamaSamplerHandle llama_sampler_chain_init(LlamaSamplerChainParams parameters);

    [LibraryImport(Llama)]
    internal static partial void llama_sampler_chain_add(LlamaSamplerHandle chain, nint sampler);

    [LibraryImport(Llama)]
    internal static partial void llama_sampler_free(nint sampler);

    [LibraryImport(Llama)]
    internal static partial void llama_sampler_apply(LlamaSamplerHandle sampler, LlamaTokenDataArray* candidates);

    [LibraryImport(Llama)]
    internal static partial void llama_sampler_accept(LlamaSamplerHandle sampler, int token);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_greedy();

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_dist(uint seed);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_top_k(int k);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_top_p(float p, nuint keep);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_min_p(float p, nuint keep);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_temp(float temperature);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_penalties(int vocabularySize, int window, float repeat, float frequency, float presence);

    [LibraryImport(Llama)]
    internal static partial nint llama_sampler_init_logit_bias(int vocabularySize, int count, LlamaLogitBias* biases);
}
