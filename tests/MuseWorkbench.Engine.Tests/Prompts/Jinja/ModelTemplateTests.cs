using static MuseWorkbench.Engine.Tests.Prompts.Jinja.Rendering;

namespace MuseWorkbench.Engine.Tests.Prompts.Jinja;

/// <summary>
/// The constructs that templates of open models are made of, each in a short template of our own after the named model's manner,
/// with the rendering worked out by hand.
/// </summary>
public class ModelTemplateTests
{
    private const string Chat = """[{"role":"system","content":"S"},{"role":"user","content":" U1 "},{"role":"assistant","content":"A1"},{"role":"user","content":"U2"}]""";

    private const string Calls = """
        [{"role":"user","content":"U"},
         {"role":"assistant","content":"","tool_calls":[{"id":"abcdefgh1","type":"function","function":{"name":"f","arguments":{"x":1,"s":"é"}}}]},
         {"role":"tool","tool_call_id":"abcdefgh1","name":"f","content":"R1"},{"role":"tool","name":"f","content":"R2"}]
        """;

    private const string Tools = """[{"type":"function","function":{"name":"f","description":"D","parameters":{"type":"object","properties":{"x":{"type":"integer","description":"an x"}},"required":["x"]}}}]""";

    private const string Parts = """[{"role":"user","content":[{"type":"image"},{"type":"text","text":"what?"}]}]""";

    public static TheoryData<string, string, string, string> Templates => new()
    {
        {
            "ChatML", Chat,
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n U1 <|im_end|>\n<|im_start|>assistant\nA1<|im_end|>\n<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\n"
        },
        {
            "Llama 3: header tokens, offset loop", Chat,
            """
            {% set loop_messages = messages %}
            {% for message in loop_messages %}
            {% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}
            {% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}
            {{- content -}}
            {% endfor %}
            {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
            """,
            "<s><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nU1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nA1<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nU2<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        },
        {
            "Llama 3.1: tools in the first user message, calls", Calls,
            """
            {%- if not date_string is defined %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
            {%- if messages[0]['role'] == 'system' %}
                {%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}
            {%- else %}
                {%- set system_message = "" %}
            {%- endif %}
            {{- "[sys]" + date_string + system_message + "\n" }}
            {%- if tools is not none %}
                {%- for t in tools %}
                    {{- t | tojson(indent=4) | length > 10 }}
                {%- endfor %}
            {%- endif %}
            {%- for message in messages %}
                {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
                    {{- '[' + message['role'] + ']' + message['content'] | trim + '\n' }}
                {%- elif 'tool_calls' in message %}
                    {%- if not message.tool_calls|length == 1 %}{{- raise_exception("This model only supports single tool-calls at once!") }}{%- endif %}
                    {%- set tool_call = message.tool_calls[0].function %}
                    {{- '{"name": "' + tool_call.name + '", ' }}
                    {{- '"parameters": ' }}
                    {{- tool_call.arguments | tojson }}
                    {{- "}\n" }}
                {%- elif message.role == "tool" or message.role == "ipython" %}
                    {{- "[ipython]" }}
                    {%- if message.content is mapping or message.content is iterable and message.content is not string %}
                        {{- message.content | tojson }}
                    {%- else %}
                        {{- message.content }}
                    {%- endif %}
                {%- endif %}
            {%- endfor %}
            """,
            "[sys]26 Jul 2024\nTrue[user]U\n{\"name\": \"f\", \"parameters\": {\"x\": 1, \"s\": \"é\"}}\n[ipython]R1[ipython]R2"
        },
        {
            "Qwen 2.5: tools list, grouped tool answers", Calls,
            """
            {%- if tools %}
                {{- '<|im_start|>system\n' }}
                {%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}{%- else %}{{- 'You are Q.' }}{%- endif %}
                {{- "\n<tools>" }}
                {%- for tool in tools %}
                    {{- "\n" }}
                    {{- tool.function.name | tojson }}
                {%- endfor %}
                {{- "\n</tools><|im_end|>\n" }}
            {%- endif %}
            {%- for message in messages %}
                {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
                    {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
                {%- elif message.role == "assistant" %}
                    {{- '<|im_start|>' + message.role }}
                    {%- if message.content %}{{- '\n' + message.content }}{%- endif %}
                    {%- for tool_call in message.tool_calls %}
                        {%- if tool_call.function is defined %}{%- set tool_call = tool_call.function %}{%- endif %}
                        {{- '\n<tool_call>\n{"name": "' }}
                        {{- tool_call.name }}
                        {{- '", "arguments": ' }}
                        {{- tool_call.arguments | tojson }}
                        {{- '}\n</tool_call>' }}
                    {%- endfor %}
                    {{- '<|im_end|>\n' }}
                {%- elif message.role == "tool" %}
                    {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}{{- '<|im_start|>user' }}{%- endif %}
                    {{- '\n<tool_response>\n' }}
                    {{- message.content }}
                    {{- '\n</tool_response>' }}
                    {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '<|im_end|>\n' }}{%- endif %}
                {%- endif %}
            {%- endfor %}
            """,
            "<|im_start|>system\nYou are Q.\n<tools>\n\"f\"\n</tools><|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1, \"s\": \"é\"}}\n</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\nR1\n</tool_response>\n<tool_response>\nR2\n</tool_response><|im_end|>\n"
        },
        {
            "Qwen 3: last query by a reversed loop, former reasoning cut out",
            """[{"role":"user","content":"U1"},{"role":"assistant","content":"<think>\nT1\n</think>\n\nA1"},{"role":"user","content":"U2"},{"role":"assistant","content":"<think>\nT2\n</think>\n\nA2"}]""",
            """
            {%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
            {%- for message in messages[::-1] %}
                {%- set index = (messages|length - 1) - loop.index0 %}
                {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
                    {%- set ns.multi_step_tool = false %}
                    {%- set ns.last_query_index = index %}
                {%- endif %}
            {%- endfor %}
            {%- for message in messages %}
                {%- set content = message.content if message.content is string else '' %}
                {%- if message.role == "assistant" %}
                    {%- set reasoning_content = '' %}
                    {%- if '</think>' in content %}
                        {%- set reasoning_content = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}
                        {%- set content = content.split('</think>')[-1].lstrip('\n') %}
                    {%- endif %}
                    {%- if loop.index0 > ns.last_query_index and (loop.last or reasoning_content) %}
                        {{- '[' + message.role + ']<think>\n' + reasoning_content.strip('\n') + '\n</think>\n\n' + content.lstrip('\n') }}
                    {%- else %}
                        {{- '[' + message.role + ']' + content }}
                    {%- endif %}
                {%- else %}
                    {{- '[' + message.role + ']' + content }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '[assistant]' }}
                {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}
            {%- endif %}
            """,
            "[user]U1[assistant]A1[user]U2[assistant]<think>\nT2\n</think>\n\nA2[assistant]<think>\n\n</think>\n\n"
        },
        {
            "Qwen 2.5 VL: parts, counted images", Parts,
            """
            {% set image_count = namespace(value=0) %}{% for message in messages %}<|im_start|>{{ message['role'] }}
            {% if message['content'] is string %}{{ message['content'] }}<|im_end|>
            {% else %}{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>
            {% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
            {% endif %}
            """,
            "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>what?<|im_end|>\n<|im_start|>assistant\n"
        },
        {
            "Mistral: system taken off, turns must alternate", Chat,
            """
            {%- if messages[0]["role"] == "system" %}
                {%- set system_message = messages[0]["content"] %}
                {%- set loop_messages = messages[1:] %}
            {%- else %}
                {%- set loop_messages = messages %}
            {%- endif %}
            {{- bos_token }}
            {%- for message in loop_messages %}
                {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
                    {{- raise_exception('roles must alternate') }}
                {%- endif %}
                {%- if message["role"] == "user" %}
                    {%- if loop.last and system_message is defined %}
                        {{- "[INST] " + system_message + "\n\n" + message["content"] + "[/INST]" }}
                    {%- else %}
                        {{- "[INST] " + message["content"] + "[/INST]" }}
                    {%- endif %}
                {%- elif message["role"] == "assistant" %}
                    {{- " " + message["content"]|trim + eos_token}}
                {%- endif %}
            {%- endfor %}
            """,
            "<s>[INST]  U1 [/INST] A1</s>[INST] S\n\nU2[/INST]"
        },
        {
            "Mistral Nemo: tools without some members, ids of nine characters", Calls,
            """
            {%- set user_messages = messages | selectattr("role", "equalto", "user") | list %}
            {%- for message in messages %}
                {%- if message.role == "user" %}
                    {%- if tools is not none and (message == user_messages[-1]) %}
                        {{- "[AVAILABLE_TOOLS][" }}
                        {%- for tool in tools %}
                            {%- set tool = tool.function %}
                            {{- '{"type": "function", "function": {' }}
                            {%- for key, val in tool.items() if key != "return" %}
                                {%- if val is string %}{{- '"' + key + '": "' + val + '"' }}{%- else %}{{- '"' + key + '": ' + val|tojson }}{%- endif %}
                                {%- if not loop.last %}{{- ", " }}{%- endif %}
                            {%- endfor %}
                            {{- "}}" }}
                            {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" }}{%- endif %}
                        {%- endfor %}
                        {{- "[/AVAILABLE_TOOLS]" }}
                    {%- endif %}
                    {{- "[INST]" + message.content + "[/INST]" }}
                {%- elif message.tool_calls is defined and message.tool_calls is not none %}
                    {{- "[TOOL_CALLS][" }}
                    {%- for tool_call in message.tool_calls %}
                        {%- set out = tool_call.function|tojson %}
                        {{- out[:-1] }}
                        {%- if not tool_call.id is defined or tool_call.id|length != 9 %}{{- raise_exception("ids") }}{%- endif %}
                        {{- ', "id": "' + tool_call.id + '"}' }}
                        {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" + eos_token }}{%- endif %}
                    {%- endfor %}
                {%- elif message.role == "tool" %}
                    {{- '[TOOL_RESULTS]{"content": ' + message.content|string + "}" }}
                {%- endif %}
            {%- endfor %}
            """,
            "[AVAILABLE_TOOLS][{\"type\": \"function\", \"function\": {\"name\": \"f\", \"description\": \"D\", \"parameters\": {\"type\": \"object\", \"properties\": {\"x\": {\"type\": \"integer\", \"description\": \"an x\"}}, \"required\": [\"x\"]}}}][/AVAILABLE_TOOLS][INST]U[/INST][TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"x\": 1, \"s\": \"é\"}, \"id\": \"abcdefgh1\"}]</s>[TOOL_RESULTS]{\"content\": R1}[TOOL_RESULTS]{\"content\": R2}"
        },
        {
            "Gemma 3: system text before the first turn, renamed role, parts",
            """[{"role":"system","content":"S"},{"role":"user","content":[{"type":"image"},{"type":"text","text":" what? "}]},{"role":"assistant","content":"A"}]""",
            """
            {{ bos_token }}
            {%- if messages[0]['role'] == 'system' -%}
                {%- if messages[0]['content'] is string -%}
                    {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}
                {%- else -%}
                    {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\n\n' -%}
                {%- endif -%}
                {%- set loop_messages = messages[1:] -%}
            {%- else -%}
                {%- set first_user_prefix = "" -%}
                {%- set loop_messages = messages -%}
            {%- endif -%}
            {%- for message in loop_messages -%}
                {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
                    {{ raise_exception("Conversation roles must alternate") }}
                {%- endif -%}
                {%- if (message['role'] == 'assistant') -%}{%- set role = "model" -%}{%- else -%}{%- set role = message['role'] -%}{%- endif -%}
                {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else "") }}
                {%- if message['content'] is string -%}
                    {{ message['content'] | trim }}
                {%- elif message['content'] is iterable -%}
                    {%- for item in message['content'] -%}
                        {%- if item['type'] == 'image' -%}
                            {{ '<start_of_image>' }}
                        {%- elif item['type'] == 'text' -%}
                            {{ item['text'] | trim }}
                        {%- endif -%}
                    {%- endfor -%}
                {%- endif -%}
                {{ '<end_of_turn>\n' }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{'<start_of_turn>model\n'}}{%- endif -%}
            """,
            "<s><start_of_turn>user\nS\n\n<start_of_image>what?<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n<start_of_turn>model\n"
        },
        {
            "Gemma 4: recursive macros that write a tool's schema", Calls,
            """
            {%- macro format_argument(argument) -%}
                {%- if argument is string -%}{{- '<|"|>' + argument + '<|"|>' -}}
                {%- elif argument is boolean -%}{{- 'true' if argument else 'false' -}}
                {%- elif argument is mapping -%}
                    {{- '{' -}}
                    {%- set ns = namespace(found_first=false) -%}
                    {%- for key, value in argument | dictsort -%}
                        {%- if ns.found_first %},{% endif -%}
                        {%- set ns.found_first = true -%}
                        {{- key -}}:{{- format_argument(value) -}}
                    {%- endfor -%}
                    {{- '}' -}}
                {%- elif argument is sequence -%}
                    {{- '[' -}}{%- for item in argument -%}{{- format_argument(item) -}}{%- if not loop.last %},{% endif -%}{%- endfor -%}{{- ']' -}}
                {%- else -%}{{- argument -}}{%- endif -%}
            {%- endmacro -%}
            {%- for tool in tools %}<|tool>{{ format_argument(tool['function']['parameters']) }}<tool|>{% endfor -%}
            {%- for message in messages if message.tool_calls %}<|tool_call>call:{{ message.tool_calls[0].function.name }}{{ format_argument(message.tool_calls[0].function.arguments) }}<tool_call|>{% endfor -%}
            """,
            "<|tool>{properties:{x:{description:<|\"|>an x<|\"|>,type:<|\"|>integer<|\"|>}},required:[<|\"|>x<|\"|>],type:<|\"|>object<|\"|>}<tool|><|tool_call>call:f{s:<|\"|>é<|\"|>,x:1}<tool_call|>"
        },
        {
            "Phi 3: the role makes the token", Chat,
            "{% for message in messages %}{% if message['role'] in ['system', 'user', 'assistant'] and message['content'] %}{{'<|' + message['role'] + '|>' + '\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}",
            "<|system|>\nS<|end|>\n<|user|>\n U1 <|end|>\n<|assistant|>\nA1<|end|>\n<|user|>\nU2<|end|>\n<|assistant|>\n"
        },
        {
            "Phi 4: separators", Chat,
            "{% for message in messages %}{% if (message['role'] == 'system') %}{{'<|im_start|>system<|im_sep|>' + message['content'] + '<|im_end|>'}}{% elif (message['role'] == 'user') %}{{'<|im_start|>user<|im_sep|>' + message['content'] + '<|im_end|>'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}",
            "<|im_start|>system<|im_sep|>S<|im_end|><|im_start|>user<|im_sep|> U1 <|im_end|><|im_start|>user<|im_sep|>U2<|im_end|><|im_start|>assistant<|im_sep|>"
        },
        {
            "DeepSeek R1: namespace of strings, system gathered first",
            """[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"<think>T</think>A"},{"role":"user","content":"U2"}]""",
            "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, is_tool=false, system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{bos_token}}{{ns.system_prompt}}{%- for message in messages %}{%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<｜User｜>' + message['content']}}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is not none %}{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}{%- endif %}{%- endfor -%}{% if ns.is_tool %}x{% endif %}{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜><think>\\n'}}{% endif %}",
            "<s>S<｜User｜>U<｜Assistant｜>A<｜end▁of▁sentence｜><｜User｜>U2<｜Assistant｜><think>\n"
        },
        {
            "Command R: conditional default system, sliced messages", Chat,
            "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% elif false == true %}{% set loop_messages = messages %}{% set system_message = 'D' %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% if system_message != false %}{{ '<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>' + system_message + '<|END_OF_TURN_TOKEN|>' }}{% endif %}{% for message in loop_messages %}{% set content = message['content'] %}{% if message['role'] == 'user' %}{{ '<|START_OF_TURN_TOKEN|><|USER_TOKEN|>' + content.strip() + '<|END_OF_TURN_TOKEN|>' }}{% elif message['role'] == 'assistant' %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' + content.strip() + '<|END_OF_TURN_TOKEN|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}{% endif %}",
            "<s><|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>S<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>U1<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>A1<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>U2<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"
        },
        {
            "SmolLM 3: switches in the system text, generation tags",
            """[{"role":"system","content":"Be brief. /no_think"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}]""",
            """
            {# ── defaults ── #}
            {%- if enable_thinking is not defined -%}{%- set enable_thinking = true -%}{%- endif -%}
            {%- set reasoning_mode = "/think" if enable_thinking else "/no_think" -%}
            {%- if messages[0].role == "system" -%}
              {%- if "/no_think" in messages[0].content -%}{%- set reasoning_mode = "/no_think" -%}{%- endif -%}
              {%- set custom = messages[0].content.replace("/no_think", "").replace("/think", "").rstrip() -%}
            {%- endif -%}
            {{- "<|im_start|>system\n" -}}
            {{- "Mode: " ~ reasoning_mode ~ "\n\n" -}}
            {{- custom + "\n\n" -}}
            {%- for message in messages -%}
              {%- set content = message.content if message.content is string else "" -%}
              {%- if message.role == "user" -%}
                {{ "<|im_start|>" + message.role + "\n"  + content + "<|im_end|>\n" }}
              {%- elif message.role == "assistant" -%}
                {% generation %}
                {%- if reasoning_mode == "/think" -%}
                  {{ "<|im_start|>assistant\n" + content.lstrip("\n") + "<|im_end|>\n" }}
                {%- else -%}
                  {{ "<|im_start|>assistant\n" + "<think>\n\n</think>\n" + content.lstrip("\n") + "<|im_end|>\n" }}
                {%- endif -%}
                {% endgeneration %}
              {%- endif -%}
            {%- endfor -%}
            """,
            "<|im_start|>system\nMode: /no_think\n\nBe brief.\n\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\nA<|im_end|>\n"
        },
        {
            "gpt-oss: macros that write types, a channel for reasoning",
            """[{"role":"user","content":"U"}]""",
            """
            {%- macro render_type(spec, required, is_nullable=false) -%}
                {%- if spec.type == "array" -%}{{ render_type(spec['items'], required) }}[]
                {%- elif spec.type is defined and spec.type is iterable and spec.type is not string and spec.type is not mapping and spec.type[0] is defined -%}{{ spec.type | join(" | ") }}
                {%- elif spec.type == "integer" or spec.type == "number" -%}number
                {%- else -%}any{%- endif -%}
            {%- endmacro -%}
            {%- macro render_tools(namespace_name, tools) -%}
                {{- "## " + namespace_name + "\n\n" }}
                {%- for tool in tools %}
                    {%- set tool = tool.function %}
                    {{- "// " + tool.description + "\ntype " + tool.name + " = (_: {\n" }}
                    {%- for name, spec in tool.parameters.properties.items() %}
                        {%- if spec.description %}{{- "// " + spec.description + "\n" }}{%- endif %}
                        {{- name }}{%- if name not in (tool.parameters.required or []) %}{{- "?" }}{%- endif %}: {{ render_type(spec, tool.parameters.required) }}
                        {%- if not loop.last %}{{- ",\n" }}{%- else %}{{- ",\n" }}{%- endif %}
                    {%- endfor %}
                    {{- "}) => any;\n" }}
                {%- endfor %}
            {%- endmacro -%}
            {{- "<|start|>system<|message|>Reasoning: " + (reasoning_effort or "medium") + "<|end|>" }}
            {{- render_tools("functions", tools) }}
            {%- for message in messages -%}
                {{- "<|start|>" + message.role + "<|message|>" + message.content + "<|end|>" }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}<|start|>assistant{%- endif -%}
            """,
            "<|start|>system<|message|>Reasoning: medium<|end|>## functions\n\n// D\ntype f = (_: {\n// an x\nx: number,\n}) => any;\n<|start|>user<|message|>U<|end|><|start|>assistant"
        },
        {
            "GLM 4: macro over visible text, arguments one by one", Calls,
            """
            [gMASK]<sop>
            {%- macro visible_text(content) -%}
                {%- if content is string -%}{{- content }}
                {%- elif content is iterable and content is not mapping -%}
                    {%- for item in content -%}{%- if item is mapping and item.type == 'text' -%}{{- item.text }}{%- elif item is string -%}{{- item }}{%- endif -%}{%- endfor -%}
                {%- else -%}{{- content }}{%- endif -%}
            {%- endmacro -%}
            {% for m in messages %}
            {%- if m.role == 'user' -%}<|user|>
            {{ visible_text(m.content) }}
            {%- elif m.role == 'assistant' -%}<|assistant|>
            {%- for tc in m.tool_calls %}
            {%- if tc.function %}{%- set tc = tc.function %}{%- endif %}
            {{ '\n<tool_call>' + tc.name }}
            {% set _args = tc.arguments %}
            {% for k, v in _args.items() %}
            <arg_key>{{ k }}</arg_key>
            <arg_value>{{ v | tojson if v is not string else v }}</arg_value>
            {% endfor %}
            </tool_call>{% endfor %}
            {%- elif m.role == 'tool' -%}
            {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- '<|observation|>' }}{%- endif %}
            {{- '\n<tool_response>' }}{{- m.content }}{{- '</tool_response>' }}
            {%- endif -%}
            {%- endfor -%}
            """,
            "[gMASK]<sop><|user|>\nU<|assistant|>\n<tool_call>f\n<arg_key>x</arg_key>\n<arg_value>1</arg_value>\n<arg_key>s</arg_key>\n<arg_value>é</arg_value>\n</tool_call><|observation|>\n<tool_response>R1</tool_response>\n<tool_response>R2</tool_response>"
        },
        {
            "Granite: roles with markers, documents looked for", Chat,
            """
            {%- if documents is defined and documents %}docs{%- endif %}
            {%- if messages[0]['role'] == 'system' -%}
            {%- set system_message = messages[0]['content'] -%}{%- set loop_messages = messages[1:] -%}
            {%- endif -%}
            {{- '<|start_of_role|>system<|end_of_role|>' + system_message + '<|end_of_text|>\n' -}}
            {%- for message in loop_messages -%}
            {{- '<|start_of_role|>' + message['role'] + '<|end_of_role|>' + message['content'] + '<|end_of_text|>\n' -}}
            {%- if loop.last and add_generation_prompt -%}
            {{- '<|start_of_role|>assistant' -}}{%- if controls -%}{{- ' ' + controls | tojson() -}}{%- endif -%}{{- '<|end_of_role|>' -}}
            {%- endif -%}
            {%- endfor -%}
            """,
            "<|start_of_role|>system<|end_of_role|>S<|end_of_text|>\n<|start_of_role|>user<|end_of_role|> U1 <|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>A1<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>U2<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>"
        },
        {
            "Hermes: a macro that turns schemas into Python types", """[{"role":"user","content":"U"}]""",
            """
            {%- macro json_to_python_type(json_spec) %}
            {%- set basic_type_map = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"} %}
            {%- if basic_type_map[json_spec.type] is defined %}
                {{- basic_type_map[json_spec.type] }}
            {%- elif json_spec.type == "array" %}
                {{- "list[" +  json_to_python_type(json_spec|items) + "]" }}
            {%- else %}
                {{- "Any" }}
            {%- endif %}
            {%- endmacro %}
            {{- bos_token }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"description": "' + tool.name + '(' }}
                {%- for param_name, param_fields in tool.parameters.properties|items %}
                    {{- param_name + ": " + json_to_python_type(param_fields) }}
                    {%- if not loop.last %}{{- ", " }}{%- endif %}
                {%- endfor %}
                {{- ")" }}
                {%- if tool.return is defined %}{{- " -> " + json_to_python_type(tool.return) }}{%- endif %}
                {{- " - " + tool.description + "\n\n" }}
                {%- for param_name, param_fields in tool.parameters.properties|items %}
                    {%- if loop.first %}{{- "    Args:\n" }}{%- endif %}
                    {{- "        " + param_name + "(" + json_to_python_type(param_fields) + "): " + param_fields.description|trim }}
                {%- endfor %}
                {{- '", "parameters": ' }}
                {%- if tool.parameters.properties | length == 0 %}{{- "{}" }}{%- else %}{{- tool.parameters.required|tojson }}{%- endif %}
                {{- "}" }}
            {%- endfor %}
            """,
            "<s>{\"description\": \"f(x: int) - D\n\n    Args:\n        x(int): an x\", \"parameters\": [\"x\"]}"
        },
        {
            "Zephyr: a line for each role", Chat,
            "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
            "<|system|>\nS</s>\n<|user|>\n U1 </s>\n<|assistant|>\nA1</s>\n<|user|>\nU2</s>\n<|assistant|>\n"
        },
        {
            "Vicuna: the system text and words as markers", Chat,
            "{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'].strip() }}{% set messages = messages[1:] %}{% endif %}{% for message in messages %}{% if message['role'] == 'user' %}{{ ' USER: ' + message['content'].strip() }}{% else %}{{ ' ASSISTANT: ' + message['content'].strip() + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ ' ASSISTANT:' }}{% endif %}",
            "S USER: U1 ASSISTANT: A1</s> USER: U2 ASSISTANT:"
        },
        {
            "InternVL: joined parts", Parts,
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n'}}{% if message['content'] is string %}{{ message['content'] }}{% else %}{{ message['content'] | map(attribute='text', default='<IMG>') | join('\n') }}{% endif %}{{'<|im_end|>\n'}}{% endfor %}",
            "<|im_start|>user\n<IMG>\nwhat?<|im_end|>\n"
        },
        {
            "LLaVA: images first, then texts", Parts,
            "{% for message in messages %}{{ message['role'].upper() + ': ' }}{# images first #}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' ' }}{% endfor %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}",
            "USER: <image>\nwhat? ASSISTANT:"
        },
        {
            "SmolVLM: only parts, capitalised role", Parts,
            "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}",
            "<|im_start|>User:<image>what?<end_of_utterance>\nAssistant:"
        },
        {
            "Falcon and others: replaced line breaks, every turn checked", """[{"role":"user","content":"a\r\n\r\nb"}]""",
            "{% for message in messages %}{% if not loop.first %}{{ '\n' }}{% endif %}{{ message['role'].capitalize() ~ ': ' ~ message['content'].replace('\\r\\n', '\\n').replace('\\n\\n', '\\n') }}{% endfor %}",
            "User: a\nb"
        },
    };

    [Theory]
    [MemberData(nameof(Templates))]
    public void Render_ModelsConstructs_AsWorkedOutByHand(string model, string messages, string template, string expected)
    {
        Assert.NotEmpty(model);
        var variables = $$"""{"messages":{{messages}},"tools":{{Tools}},"add_generation_prompt":true,"bos_token":"<s>","eos_token":"</s>","enable_thinking":false}""";

        Assert.Equal(expected, Render(template, variables));
    }
}
