using System.Globalization;
using System.Text;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>A place in JSON; its label's words are <c>[Start, Start + Length)</c> of the text.</summary>
internal readonly record struct JsonPlace(Place Place, string Label, int Start, int Length);

/// <summary>
/// Watches text go by, one character at a time, and reports the places that JSON in it names: an object's when it
/// closes, a bare list's when its bracket does. Nothing of the text is taken out. Anything that is no JSON (prose with
/// brackets, a quote left open) only makes it wait for the next opening bracket; what it holds is bounded.
/// </summary>
internal sealed class JsonPlaceReader(PlaceMaker places, JsonPlaceKeys keys)
{
    private const int MaxDepth = 24;
    private const int MaxNumbers = 2 * PlaceMaker.MaxCorners;
    private const int MaxWord = 32;
    private const int MaxLabel = 256;

    private static readonly string[] s_edges = ["x_min", "y_min", "x_max", "y_max"];

    private readonly Stack<Frame> _frames = new();
    private readonly StringBuilder _word = new();
    private Reading _reading;
    private int _stringStart;
    private bool _escaped;

    private enum Reading { Structure, Text, Word }

    public void Reset()
    {
        _frames.Clear();
        _word.Clear();
        _reading = Reading.Structure;
        _escaped = false;
    }

    /// <summary>Takes the character at <paramref name="position"/> of the text; adds the places now whole.</summary>
    public void Take(char c, int position, List<JsonPlace> found)
    {
        switch (_reading)
        {
            case Reading.Text:
                TakeText(c, position);
                return;
            case Reading.Word when char.IsLetterOrDigit(c) || c is '.' or '+' or '-':
                if (_word.Length < MaxWord)
                    _word.Append(c);
                else
                    Reset();
                return;
            case Reading.Word:
                EndWord();
                break;
        }
        TakeStructure(c, position, found);
    }

    private void TakeStructure(char c, int position, List<JsonPlace> found)
    {
        if (c is '{' or '[')
        {
            if (_frames.Count == MaxDepth)
                Reset();
            _frames.Push(new Frame(c == '{'));
        }
        else if (_frames.Count == 0 || char.IsWhiteSpace(c))
        {
            return;
        }
        else if (c is '}' or ']')
        {
            Close(c == '}', position, found);
        }
        else if (c == '"')
        {
            (_reading, _stringStart, _escaped) = (Reading.Text, position + 1, false);
            _word.Clear();
        }
        else if (c == ':')
        {
            (_frames.Peek().Key, _frames.Peek().Text) = (_frames.Peek().Text, null);
        }
        else if (c == ',')
        {
            (_frames.Peek().Key, _frames.Peek().Text) = (null, null);
        }
        else if (char.IsLetterOrDigit(c) || c is '-' or '+')
        {
            _reading = Reading.Word;
            _word.Clear().Append(c);
        }
        else
        {
            Reset();
        }
    }

    private void TakeText(char c, int position)
    {
        if (_escaped)
        {
            // A name is shown and compared, not parsed: the few escapes that matter there are undone.
            _escaped = false;
            Keep(c == 'n' ? ' ' : c);
        }
        else if (c == '\\')
        {
            _escaped = true;
        }
        else if (c == '\n')
        {
            Reset();
        }
        else if (c != '"')
        {
            Keep(c);
        }
        else
        {
            _reading = Reading.Structure;
            var frame = _frames.Peek();
            frame.Text = _word.ToString();
            if (JsonPlaceKeys.IsLabel(frame.Key))
                (frame.Label, frame.LabelStart, frame.LabelLength) = (frame.Text.Trim(), _stringStart, position - _stringStart);
        }
    }

    private void Keep(char c)
    {
        if (_word.Length < MaxLabel)
            _word.Append(c);
    }

    private void EndWord()
    {
        _reading = Reading.Structure;
        var word = _word.ToString();
        var frame = _frames.Peek();
        if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            frame.Add(number, MaxNumbers);
        else if (word is not ("true" or "false" or "null"))
            Reset();
        else if (!frame.IsObject)
            frame.Add(double.NaN, MaxNumbers); // keeps the others in place
    }

    private void Close(bool isObject, int position, List<JsonPlace> found)
    {
        var frame = _frames.Pop();
        if (frame.IsObject != isObject)
        {
            Reset();
        }
        else if (isObject)
        {
            Report(frame, position, found);
        }
        else if (_frames.Count > 0)
        {
            GiveUp(frame, position, found);
        }
    }

    /// <summary>What a list holds goes to the key it stands under, or to the list around it.</summary>
    private void GiveUp(Frame list, int position, List<JsonPlace> found)
    {
        var parent = _frames.Peek();
        if (!parent.IsObject)
        {
            if (list.Numbers.Count > 0 && parent.Lists.Count < MaxNumbers)
                parent.Lists.Add([.. list.Numbers]);
            if (keys.Bare && list.Numbers.Count == 4 && _frames.All(frame => !frame.IsObject) && places.Box([.. list.Numbers]) is { } box)
                found.Add(new JsonPlace(box, "", position, 0));
            return;
        }
        var lists = list.Lists.Count > 0 ? list.Lists : [[.. list.Numbers]];
        foreach (var numbers in JsonPlaceKeys.IsPolygon(parent.Key) && list.Lists.Count > 0 ? [[.. list.Lists.SelectMany(pair => pair)]] : lists)
        {
            var place = keys.IsBox(parent.Key) ? places.Box(numbers)
                : keys.IsPoint(parent.Key) && numbers.Length == 2 ? places.Point(numbers[0], numbers[1])
                : JsonPlaceKeys.IsPolygon(parent.Key) ? places.Polygon(numbers)
                : null;
            if (place is { } whole && parent.Places.Count < MaxNumbers)
                parent.Places.Add(whole);
        }
    }

    private void Report(Frame frame, int position, List<JsonPlace> found)
    {
        if (keys.Edges && s_edges.All(frame.Named.ContainsKey)
            && places.BoxOf(frame.Named["x_min"], frame.Named["y_min"], frame.Named["x_max"], frame.Named["y_max"]) is { } box)
            frame.Places.Add(box);
        else if (keys.Edges && frame.Named.TryGetValue("x", out var x) && frame.Named.TryGetValue("y", out var y) && places.PointOf(x, y) is { } point)
            frame.Places.Add(point);
        var picture = PictureOf(frame);
        // An outline says more than the box around it.
        var outlined = frame.Places.Exists(place => place.Polygon is not null);
        foreach (var place in frame.Places)
        {
            if (!outlined || place.Polygon is not null)
                found.Add(new JsonPlace(places.In(place, picture), frame.Label, frame.LabelLength > 0 ? frame.LabelStart : position, frame.LabelLength));
        }
    }

    /// <summary>The picture an object says its places are in, itself or by what surrounds it.</summary>
    private PlacePicture PictureOf(Frame frame)
    {
        foreach (var one in _frames.Prepend(frame))
        {
            if (one.Named.TryGetValue(JsonPlaceKeys.Picture, out var number))
                return number is >= 1 and <= int.MaxValue && number == Math.Truncate(number) ? new PlacePicture((int)number - 1) : PlacePicture.Uncertain;
        }

        return PlacePicture.Unnamed;
    }

    private sealed class Frame(bool isObject)
    {
        public bool IsObject { get; } = isObject;
        public string? Key { get; set; }
        public string? Text { get; set; }
        public string Label { get; set; } = "";
        public int LabelStart { get; set; }
        public int LabelLength { get; set; }
        public List<double> Numbers { get; } = [];
        public List<double[]> Lists { get; } = [];
        public List<Place> Places { get; } = [];
        public Dictionary<string, double> Named { get; } = new(StringComparer.Ordinal);

        public void Add(double number, int most)
        {
            if (!IsObject && Numbers.Count <= most)
                Numbers.Add(number);
            else if (IsObject && Key is not null && Named.Count < most)
                Named[Key] = number;
        }
    }
}
