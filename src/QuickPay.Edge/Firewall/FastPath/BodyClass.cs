using System.Numerics;
using System.Text.Json;
using QuickPay.Edge.Surface;

namespace QuickPay.Edge.Firewall.FastPath;

/// <summary>
/// Bodies that are exactly what a call declares: one JSON object, only declared fields, each at most once and in its shape, no escapes.
/// Everything else is left to the rules, also what the API would refuse anyway.
/// </summary>
internal static class BodyClass
{
    private const int BytesMax = 2_048;

    private static readonly JsonReaderOptions Reading = new() { MaxDepth = 2 };

    /// <summary>Whether everything in it has its shape, but for the memo.</summary>
    /// <param name="call">The call.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="memo">The memo as it stands in the body; empty without one. What it holds is not looked at here.</param>
    public static bool Contains(ApiCall call, ReadOnlySpan<byte> body, out ReadOnlySpan<byte> memo)
    {
        memo = default;
        if (body.IsEmpty)
        {
            // A hold may be captured or cancelled without one.
            return !call.HasBody || call.Name is "CaptureTransfer" or "CancelTransfer";
        }
        if (!call.HasBody || body.Length > BytesMax)
        {
            return false;
        }
        try
        {
            return IsDeclared(body, FieldsOf(call.Name), ref memo);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Fields FieldsOf(string call) =>
        call switch
        {
            "SendMoney" => Fields.FromAccountId
                | Fields.To
                | Fields.Amount
                | Fields.Currency
                | Fields.Memo
                | Fields.Pin
                | Fields.Hold
                | Fields.ExpiresAt,
            "Deposit" => Fields.Amount | Fields.Currency,
            "CaptureTransfer" => Fields.Amount,
            "RefreshSession" => Fields.RefreshToken,
            _ => Fields.None,
        };

    private static bool IsDeclared(ReadOnlySpan<byte> body, Fields declared, ref ReadOnlySpan<byte> memo)
    {
        var json = new Utf8JsonReader(body, Reading);
        return json.Read()
            && json.TokenType == JsonTokenType.StartObject
            && IsObjectOf(ref json, ref declared, ref memo)
            // Reading on to the end is what finds text after the object.
            && !json.Read();
    }

    /// <summary>From behind its bracket to its end.</summary>
    /// <param name="left">Fields that it may have; those that it has not, afterwards.</param>
    private static bool IsObjectOf(ref Utf8JsonReader json, ref Fields left, ref ReadOnlySpan<byte> memo)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = json.ValueIsEscaped ? Fields.None : FieldOf(json.ValueSpan);
            if ((left & field) == 0 || !json.Read() || !HasShape(ref json, field, ref memo))
            {
                return false;
            }
            left &= ~field;
        }
        return json.TokenType == JsonTokenType.EndObject;
    }

    private static bool HasShape(ref Utf8JsonReader json, Fields field, ref ReadOnlySpan<byte> memo)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.Number:
                return field == Fields.Amount && Shapes.IsDigits(json.ValueSpan, 1, Shapes.NumberDigitsMax);
            case JsonTokenType.True or JsonTokenType.False:
                return field == Fields.Hold;
            case JsonTokenType.StartObject:
                return field == Fields.To && IsRecipient(ref json, ref memo);
            case JsonTokenType.String when !json.ValueIsEscaped:
                if (field == Fields.Memo)
                {
                    memo = json.ValueSpan;
                }
                return IsText(field, json.ValueSpan);
            default:
                return false;
        }
    }

    /// <summary>Exactly one field, which says who.</summary>
    private static bool IsRecipient(ref Utf8JsonReader json, ref ReadOnlySpan<byte> memo)
    {
        var left = Fields.OfRecipient;
        return IsObjectOf(ref json, ref left, ref memo) && BitOperations.PopCount((uint)(Fields.OfRecipient & ~left)) == 1;
    }

    private static bool IsText(Fields field, ReadOnlySpan<byte> text) =>
        field switch
        {
            Fields.FromAccountId or Fields.AccountId => Shapes.IsId(text),
            Fields.Phone => Shapes.IsPhone(text),
            Fields.AccountNumber => Shapes.IsAccountNumber(text),
            Fields.Currency => Shapes.IsCurrency(text),
            Fields.Pin => Shapes.IsDigits(text, 6, 6),
            Fields.ExpiresAt => Shapes.IsTime(text),
            Fields.RefreshToken => Shapes.IsToken(text, 128),
            Fields.Memo => true,
            _ => false,
        };

    private static Fields FieldOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("fromAccountId"u8))
        {
            return Fields.FromAccountId;
        }
        if (name.SequenceEqual("to"u8))
        {
            return Fields.To;
        }
        if (name.SequenceEqual("amount"u8))
        {
            return Fields.Amount;
        }
        if (name.SequenceEqual("currency"u8))
        {
            return Fields.Currency;
        }
        if (name.SequenceEqual("memo"u8))
        {
            return Fields.Memo;
        }
        if (name.SequenceEqual("pin"u8))
        {
            return Fields.Pin;
        }
        if (name.SequenceEqual("phone"u8))
        {
            return Fields.Phone;
        }
        if (name.SequenceEqual("accountId"u8))
        {
            return Fields.AccountId;
        }
        if (name.SequenceEqual("accountNumber"u8))
        {
            return Fields.AccountNumber;
        }
        if (name.SequenceEqual("hold"u8))
        {
            return Fields.Hold;
        }
        if (name.SequenceEqual("expiresAt"u8))
        {
            return Fields.ExpiresAt;
        }
        return name.SequenceEqual("refreshToken"u8) ? Fields.RefreshToken : Fields.None;
    }

    [Flags]
    private enum Fields
    {
        None = 0,
        FromAccountId = 1 << 0,
        To = 1 << 1,
        Amount = 1 << 2,
        Currency = 1 << 3,
        Memo = 1 << 4,
        Pin = 1 << 5,
        Hold = 1 << 6,
        ExpiresAt = 1 << 7,
        Phone = 1 << 8,
        AccountNumber = 1 << 9,
        AccountId = 1 << 10,
        RefreshToken = 1 << 11,
        OfRecipient = Phone | AccountNumber | AccountId,
    }
}
