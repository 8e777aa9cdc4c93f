using System.Text;

namespace QuickPay.IntegrationTests.Support;

/// <summary>Reads a file as RFC 4180 has it, strictly: records end with CR LF, quotes in quoted fields are doubled.</summary>
internal static class CsvFile
{
    public static List<string[]> Read(string text)
    {
        var records = new List<string[]>();
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted)
            {
                if (c != '"')
                {
                    field.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append(text[i++]);
                }
                else
                {
                    isQuoted = false;
                }
                continue;
            }
            switch (c)
            {
                case '"':
                    Assert.Equal(0, field.Length);
                    isQuoted = true;
                    break;
                case ',':
                    End();
                    break;
                case '\r':
                    Assert.Equal('\n', text[++i]);
                    End();
                    records.Add([.. fields]);
                    fields.Clear();
                    break;
                default:
                    Assert.NotEqual('\n', c);
                    field.Append(c);
                    break;
            }
        }
        Assert.False(isQuoted || field.Length > 0 || fields.Count > 0, "The file ends in the middle of a record.");
        return records;

        void End()
        {
            fields.Add(field.ToString());
            field.Clear();
        }
    }
}
