namespace QuickPay.Cli.Aws.Checks;

/// <summary>Who reaches whom, as a tree: from outside, and then from all who are not reached from there.</summary>
internal static class ReachPicture
{
    public static string Of(Reach reach)
    {
        var lines = new List<string>();
        var drawn = new HashSet<End>();
        var used = reach.Ways.Where(way => way.From.Part != Part.Nothing).ToList();
        var roots = used.Select(way => way.From)
            .Distinct()
            .OrderBy(end => end.Part != Part.Internet)
            .ThenBy(end => used.Any(way => way.To == end));
        foreach (var root in roots)
        {
            if (drawn.Add(root))
            {
                lines.Add(Label(root));
                Draw(root, "  ");
            }
        }
        // They wait for somebody who is not there yet.
        var alone = reach.Groups.Where(group => group.Part != Part.Nothing && !drawn.Contains(group)).Select(Label).ToList();
        if (alone.Count > 0)
        {
            lines.Add($"nobody reaches: {string.Join(", ", alone)}");
        }
        if (reach.Unused.Any())
        {
            lines.Add($"nothing is in: {string.Join(", ", reach.Unused.Select(end => end.Name))}");
        }
        return string.Join('\n', lines);

        void Draw(End from, string indent)
        {
            foreach (var ways in used.Where(way => way.From == from).GroupBy(way => way.To))
            {
                var ports = string.Join(", ", ways.Select(way => way.Ports.ToString()).Distinct().Order(StringComparer.Ordinal));
                lines.Add($"{indent}── {ports} ──> {Label(ways.Key)}");
                // The internet is where it began; what is behind it is not ours.
                if (ways.Key.Part != Part.Internet && drawn.Add(ways.Key))
                {
                    Draw(ways.Key, indent + "  ");
                }
            }
        }
    }

    private static string Label(End end) => end.Group is null ? end.Name : $"{end.Name} ({Parts.NameOf(end.Part)})";
}
