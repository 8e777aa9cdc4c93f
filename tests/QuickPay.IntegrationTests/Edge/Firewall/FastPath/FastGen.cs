using System.Text;
using CsCheck;

namespace QuickPay.IntegrationTests.Edge.Firewall.FastPath;

/// <summary>
/// Random members of the fast class, and what is almost one: as close to the rules as the class lets anything come.
/// </summary>
internal sealed class FastGen
{
    private static readonly string[] Honest =
    [
        "coffee",
        "thanks",
        "lunch",
        "Kim",
        "July",
        "rent",
        "taxi",
        "gift",
        "x",
        "q",
        "a",
        "won",
        "gym",
        "Bob",
        "dues",
        "zz",
    ];

    /// <summary>What a rule finds in base64, too.</summary>
    private static readonly string[] Encodable =
    [
        "eval(",
        "eval (1",
        "a eval(2",
        "this.constructor",
        "new Function (",
        "String . fromCharCode",
        "function(){",
        "module.exports =",
    ];

    /// <summary>First bytes of code points whose second byte a generator may choose.</summary>
    private static readonly Gen<int> Blocks = Gen.OneOf(
        Gen.Int[0xAC, 0xD6],
        Gen.Int[0x4E, 0x9E],
        Gen.OneOf(0x30, 0x31, 0x04, 0x1E, 0x0E, 0x03)
    );

    private readonly FastPathFixture _fixture;

    public FastGen(FastPathFixture fixture)
    {
        _fixture = fixture;
        string[] sql = [.. SqlWords()];
        string[] rules = [.. fixture.Rules.Words, .. sql];
        // What stands close to a word of the rules and is none.
        string[] near = [.. rules.Concat(Encodable).SelectMany(Near).Distinct().Where(fixture.IsFast)];
        var word = Gen.Frequency(
            (6, Gen.OneOf(near)),
            (4, Gen.OneOf(Honest)),
            (2, Gen.Char['a', 'z'].Array[1, 3].Select(letters => new string(letters))),
            (1, Gen.OneOf(rules))
        );
        var cased = Gen.Select(
            word,
            Gen.Int[0, 3],
            (text, way) =>
                way switch
                {
                    0 => text.ToUpperInvariant(),
                    1 => char.ToUpperInvariant(text[0]) + text[1..],
                    _ => text,
                }
        );
        var folded = Gen.Frequency(
            (3, Gen.OneOf([.. "<>+|=:^_$[]{}.,!?~ '\"`@();#/*-\\&%\0\t\n\r\u007f".Select(c => (int)c)])),
            (2, Gen.Int[0x80, 0xFF]),
            (2, Gen.Int[0, 0x7F])
        );
        var foreign = Gen.Select(Blocks, folded, (block, low) => ((char)((block << 8) | low)).ToString());
        // A whole word, each letter of it a character that folds to it.
        var foreignWord = Gen.Select(Blocks, Gen.OneOf(rules), (block, text) => Fold(text, block));
        var number = Gen.OneOf(Gen.Int[0, 9].Select(n => $"{n}"), Gen.Int[0, 999_999_999].Select(n => $"{n}"));
        var mark = Gen.OneOf([.. ".,!?~".Select(c => c.ToString())]);
        var space = Gen.OneOf(" ", " ", " ", "  ");
        var latin = Gen.Frequency((6, cased), (4, space), (2, number), (2, mark), (1, foreign));
        var other = Gen.Frequency((6, foreign), (2, space), (2, number), (2, mark), (1, foreignWord));
        var any = Gen.Frequency((4, cased), (4, foreign), (4, space), (2, number), (2, mark), (1, foreignWord));
        Memo = Gen.OneOf(
                // Words with spaces between them: what people write.
                cased.Array[1, 6].Select(words => string.Join(' ', words)),
                latin.Array[1, 14].Select(string.Concat),
                other.Array[1, 20].Select(string.Concat),
                any.Array[1, 14].Select(string.Concat)
            )
            .Select(memo => memo.Length > 200 ? memo[..200] : memo);
        Token = Gen.OneOf(
            Gen.OneOf([
                .. rules.Concat(Encodable).Select(text => Encoded(text + "zzzz")).Select(text => text[..Math.Min(64, text.Length)]),
            ]),
            Gen.OneOf([.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"])
                .Array[1, 64]
                .Select(text => new string(text)),
            Gen.OneOf(cased, number, Gen.OneOf("-", "_", ""))
                .Array[1, 9]
                .Select(parts => string.Concat(parts))
                .Select(text => text.Length > 64 ? text[..64] : text)
        );
    }

    public Gen<string> Memo { get; }

    /// <summary>base64url, some of it made of words.</summary>
    public Gen<string> Token { get; }

    public static Gen<string> Id { get; } =
        Gen.OneOf([.. "0123456789abcdef"])
            .Array[32]
            .Select(digits => new string(digits))
            .Select(text => $"{text[..8]}-{text[8..12]}-{text[12..16]}-{text[16..20]}-{text[20..]}");

    public static string Fold(string ascii, int block) => string.Concat(ascii.Select(c => (char)((block << 8) | c)));

    /// <summary>What is left of an attack when every character has to be one of the class, in several ways, whole and in parts.</summary>
    public static IEnumerable<string> Reduced(string attack)
    {
        static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || " .,!?~".Contains(c) || c >= 0x80;
        List<string> whole =
        [
            string.Concat(attack.Where(IsPlain)),
            string.Concat(attack.Select(c => IsPlain(c) ? c : ' ')),
            string.Concat(attack.Select(c => IsPlain(c) ? c : '.')),
            Encoded(attack),
        ];
        foreach (var block in (int[])[0xB0, 0x52])
        {
            whole.Add(string.Concat(attack.Select(c => IsPlain(c) ? c : (char)((block << 8) | c))));
            whole.Add(Fold(attack, block));
            whole.Add(string.Concat(attack.Where(c => !char.IsAsciiLetter(c)).Select(c => IsPlain(c) ? c : (char)((block << 8) | c))));
        }
        return whole.Concat(
            from text in whole
            from length in (int[])[4, 9, 20]
            from start in Enumerable.Range(0, Math.Max(0, text.Length - length))
            where start % 3 == 0
            select text.Substring(start, length)
        );
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=');

    private static IEnumerable<string> Near(string word)
    {
        yield return word + "s";
        yield return "re" + word;
        yield return word[1..];
        yield return word[..^1];
        yield return word[0] + word;
        yield return word + word[^1];
        yield return $"{word[..(word.Length / 2)]} {word[(word.Length / 2)..]}";
        yield return $"{word[..1]}ő{word[1..]}";
        for (var i = 0; i < 3; i++)
        {
            yield return Encoded("kim"[..i] + word);
            yield return Encoded(" "[..Math.Min(i, 1)] + word + "zzz");
        }
    }

    private static IEnumerable<string> SqlWords()
    {
        using var resource = typeof(QuickPay.Edge.EdgeApp).Assembly.GetManifestResourceStream("sql-words.txt")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line is not ("" or ['#', ..])).SelectMany(line => line.Split(' '))];
    }
}
