using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// Which picture Muse Mini speaks of. It was trained on one picture, and on two of which the second is a close-up of the
/// first; of that its thought says so: <c>I see in the close-up egg&lt;loc…&gt;; ….</c> Places in that sentence are in the
/// close-up. Silence says nothing: shown two pictures, it often lists both without these words. Of places after the sentence
/// nothing is certain.
/// </summary>
internal sealed class CloseUpMention
{
    // Its first letter is nowhere else in it, so that a mismatch needs no going back.
    private const string Words = "in the close-up ";

    private PlacePicture _thought = PlacePicture.Unnamed;
    private int _matched;

    /// <summary>Another turn begins: nothing is said yet.</summary>
    public void BeginTurn() => (_thought, _matched) = (PlacePicture.Unnamed, 0);

    /// <summary>The thought goes on.</summary>
    public void Take(char c)
    {
        if (c == '.' && _thought == PlacePicture.CloseUp)
            _thought = PlacePicture.Uncertain;
        _matched = c == Words[_matched] ? _matched + 1 : c == Words[0] ? 1 : 0;
        if (_matched == Words.Length)
            (_thought, _matched) = (PlacePicture.CloseUp, 0);
    }

    /// <summary>What a place named now is in. An answer says nothing of pictures itself.</summary>
    public PlacePicture PictureIn(TextChannel channel) =>
        channel == TextChannel.Answer && _thought == PlacePicture.CloseUp ? PlacePicture.Uncertain : _thought;
}
