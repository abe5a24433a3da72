using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Images.Vips;

/// <summary>One reference to an image or an operation.</summary>
internal sealed class VipsObject : SafeHandle
{
    public VipsObject() : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        VipsNative.Unref(handle);
        return true;
    }
}
