using QuickPay.Transfers;

namespace QuickPay.Api.Statements;

/// <summary>The words of a printed statement in one language.</summary>
internal sealed record StatementExportWords
{
    public static readonly StatementExportWords Korean = new()
    {
        Language = "ko",
        Title = "거래내역서",
        Account = "계좌번호",
        Currency = "통화",
        Period = "조회 기간",
        Until = "이전까지",
        MadeAt = "작성 시각",
        Opening = "기초 잔액",
        Closing = "기말 잔액",
        Zone = "모든 시각은 한국 표준시(UTC+9)입니다.",
        CutNote = "마지막 줄에 “내역서 끝”이 없으면 내려받기가 중간에 끊긴 문서입니다.",
        Time = "거래 일시",
        Kind = "구분",
        Memo = "메모 / 거래 번호",
        Status = "상태",
        Out = "출금",
        In = "입금",
        Balance = "잔액",
        TotalOut = "출금 합계",
        TotalIn = "입금 합계",
        Rows = "거래 건수",
        End = "내역서 끝",
    };

    public static readonly StatementExportWords English = new()
    {
        Language = "en",
        Title = "Account statement",
        Account = "Account",
        Currency = "Currency",
        Period = "Period",
        Until = "not included",
        MadeAt = "Made at",
        Opening = "Opening balance",
        Closing = "Closing balance",
        Zone = "All times are Korean Standard Time (UTC+9).",
        CutNote = "Without “End of statement” at its end, this document was cut off on its way.",
        Time = "Time",
        Kind = "Kind",
        Memo = "Memo / transfer id",
        Status = "Status",
        Out = "Out",
        In = "In",
        Balance = "Balance",
        TotalOut = "Total out",
        TotalIn = "Total in",
        Rows = "Entries",
        End = "End of statement",
    };

    public required string Language { get; init; }
    public required string Title { get; init; }
    public required string Account { get; init; }
    public required string Currency { get; init; }
    public required string Period { get; init; }
    public required string Until { get; init; }
    public required string MadeAt { get; init; }
    public required string Opening { get; init; }
    public required string Closing { get; init; }
    public required string Zone { get; init; }
    public required string CutNote { get; init; }
    public required string Time { get; init; }
    public required string Kind { get; init; }
    public required string Memo { get; init; }
    public required string Status { get; init; }
    public required string Out { get; init; }
    public required string In { get; init; }
    public required string Balance { get; init; }
    public required string TotalOut { get; init; }
    public required string TotalIn { get; init; }
    public required string Rows { get; init; }
    public required string End { get; init; }

    /// <summary>What the client likes best of the two; Korean if it does not say.</summary>
    public static StatementExportWords For(HttpRequest request) =>
        request
            .GetTypedHeaders()
            .AcceptLanguage.Where(language => language.Quality is not 0)
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.ToString().Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(language => language is "ko" or "en") == "en"
            ? English
            : Korean;

    public string Of(TransferKind kind) =>
        (this == Korean, kind) switch
        {
            (true, TransferKind.Deposit) => "입금",
            (true, TransferKind.Withdrawal) => "출금",
            (true, TransferKind.Fee) => "수수료",
            (true, _) => "송금",
            (false, TransferKind.Deposit) => "Deposit",
            (false, TransferKind.Withdrawal) => "Withdrawal",
            (false, TransferKind.Fee) => "Fee",
            (false, _) => "Transfer",
        };

    public string Of(TransferStatus status) =>
        (this == Korean, status) switch
        {
            (true, TransferStatus.Posted) => "완료",
            (true, TransferStatus.Pending) => "대기",
            (true, TransferStatus.Cancelled) => "취소",
            (true, TransferStatus.Expired) => "만료",
            (false, TransferStatus.Posted) => "Posted",
            (false, TransferStatus.Pending) => "Pending",
            (false, TransferStatus.Cancelled) => "Cancelled",
            (false, TransferStatus.Expired) => "Expired",
        };
}
