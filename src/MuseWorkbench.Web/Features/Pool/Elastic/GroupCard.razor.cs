using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>How many nodes of a group run, and what was decided of them lately, with the reason.</summary>
public sealed partial class GroupCard
{
    /// <summary>Nodes that are drawn one by one.</summary>
    private const int MostSlots = 24;

    private const int MostNotes = 5;

    [Parameter, EditorRequired] public required GroupView Group { get; set; }

    private string Limits => Group.Limits.Min == Group.Limits.Max ? $"always {Group.Limits.Max}" : $"{Group.Limits.Min}–{Group.Limits.Max} nodes";

    private string Rules => string.Create(
        CultureInfo.InvariantCulture,
        $"One is started where an agent would wait longer than {Group.Limits.Queue.TotalSeconds:0.##} s, and stopped after {Group.Limits.Idle.TotalMinutes:0.##} min without an agent");

    private (string Text, string Class) State
    {
        get
        {
            List<string> parts = [];
            Add(Group.Running, "running");
            Add(Group.Starting, "starting");
            Add(Group.Stopping, "stopping");
            return parts.Count == 0 ? ("none running", "") : (string.Join(" · ", parts), Group.Starting + Group.Stopping > 0 ? "warn" : "ok");

            void Add(int count, string what)
            {
                if (count > 0)
                    parts.Add($"{Fmt.Count(count)} {what}");
            }
        }
    }

    private string Slot(int i) =>
        i < Group.Running ? "on" : i < Group.Running + Group.Stopping ? "going" : i < Group.Running + Group.Stopping + Group.Starting ? "coming" : "off";
}
