//! The rows of files: which are read, and what is said about the others.

use std::io::{self, Read};

use azs_registration::advice::Words;
use azs_registration::rows::{Column, Format, Reader, Row};
use azs_registration::tenants::{Purpose, TargetInput};
use azs_registration::{Category, Error};

const ONE: &str = "e09a4e93-29a7-4eba-a6d4-76202383f07f";
const TWO: &str = "0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1";
const TENANT: &str = "dbab3982-796f-4d03-9908-044c08aef8a2";
const REGISTRATION: &str = "/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf/resourceGroups/azurestack/providers/\
                            Microsoft.AzureStack/registrations/hub1";

fn read(bytes: impl AsRef<[u8]>) -> Vec<Result<Row, Error>> {
    match Reader::open(bytes.as_ref(), None) {
        Ok(reader) => reader.collect(),
        Err(error) => vec![Err(error)],
    }
}

/// The rows as they are asked for, each as its customer subscription and tenant.
#[track_caller]
fn ids(bytes: impl AsRef<[u8]>) -> Vec<(Option<String>, Option<String>)> {
    let read = read(bytes).into_iter().map(|row| row.unwrap().target(&TargetInput::default()).unwrap());
    read.map(|target| (target.customer_subscription_id, target.tenant_id)).collect()
}

/// The one error of an input.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>) -> Error {
    let mut errors: Vec<Error> = read(bytes)
        .into_iter()
        .filter_map(|row| row.and_then(|row| row.target(&TargetInput::default())).err())
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

fn row(customer: &str, tenant: &str) -> (Option<String>, Option<String>) {
    (Some(customer.to_owned()), Some(tenant.to_owned()))
}

fn utf16(text: &str, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(encode).collect()
}

#[test]
fn the_header_says_separator_and_columns() {
    for separator in [",", ";", "\t"] {
        let csv = format!(
            "Remark{separator}tenantid{separator} CustomerSubscriptionId \r\nx{separator}{TENANT}{separator}{ONE}\r\n"
        );
        assert_eq!(ids(csv), [row(ONE, TENANT)], "{separator:?}");
    }
    assert_eq!(
        ids(format!("CustomerSubscriptionId\n{ONE}\n{TWO}")),
        [ONE, TWO].map(|id| (Some(id.to_owned()), None))
    );
}

#[test]
fn a_line_above_the_header_may_say_the_separator() {
    for said in ["sep=|", "SEP=|", "\"sep=|\""] {
        assert_eq!(
            ids(format!("{said}\r\nCustomerSubscriptionId|TenantId\r\n{ONE}|{TENANT}\r\n")),
            [row(ONE, TENANT)]
        );
    }
    // As Windows PowerShell writes it.
    let csv = format!(
        "#TYPE Azs.Registration.AzsRegistrationTenant\r\n\"CustomerSubscriptionId\",\"TenantId\"\r\n\"{ONE}\",\"{TENANT}\"\r\n"
    );
    assert_eq!(ids(csv), [row(ONE, TENANT)]);
}

#[test]
fn each_encoding_that_tools_write_is_read() {
    let csv = format!("CustomerSubscriptionId;TenantId;Kunde\n{ONE};{TENANT};Jürgen\n");
    let with_mark = format!("\u{feff}{csv}");
    for bytes in [
        csv.clone().into_bytes(),
        with_mark.clone().into_bytes(),
        utf16(&with_mark, u16::to_le_bytes),
        utf16(&with_mark, u16::to_be_bytes),
        utf16(&csv, u16::to_le_bytes),
        utf16(&csv, u16::to_be_bytes),
    ] {
        assert_eq!(ids(bytes), [row(ONE, TENANT)]);
    }
}

#[test]
fn rows_are_counted_without_header_and_blank_lines_and_lines_with_them() {
    let csv = format!("\n\nCustomerSubscriptionId,Remark\r\n\r\n{ONE},\"two\r\nlines\"\r\n\r\n{TWO},x\r\n");
    let rows: Vec<(u64, u64)> =
        read(csv).into_iter().map(|row| row.unwrap()).map(|row| (row.number, row.line)).collect();
    assert_eq!(rows, [(1, 5), (2, 8)]);
    let json =
        format!("\n{{\"customerSubscriptionId\":\"{ONE}\"}}\n\n{{\"customerSubscriptionId\":\"{TWO}\"}}");
    let rows: Vec<(u64, u64)> =
        read(json).into_iter().map(|row| row.unwrap()).map(|row| (row.number, row.line)).collect();
    assert_eq!(rows, [(1, 2), (2, 4)]);
}

#[test]
fn json_lines_are_read_as_this_product_and_the_service_write_them() {
    let lines = format!(
        "{{\"customerSubscriptionId\":\"{ONE}\",\"tenantId\":\"{TENANT}\",\"error\":null,\"id\":7}}\n\
         {{\"id\":\"{REGISTRATION}/customerSubscriptions/{TWO}\",\"properties\":{{\"tenantId\":\"{TENANT}\"}}}}\n"
    );
    let targets: Vec<TargetInput> =
        read(lines).into_iter().map(|row| row.unwrap().target(&TargetInput::default()).unwrap()).collect();
    assert_eq!(targets[0].customer_subscription_id.as_deref(), Some(ONE));
    assert_eq!(targets[1].resource_id, Some(format!("{REGISTRATION}/customerSubscriptions/{TWO}")));
    assert_eq!(targets[1].tenant_id.as_deref(), Some(TENANT));
    assert_eq!([targets[0].row, targets[1].row], [1, 2]);
}

#[test]
fn an_empty_member_is_a_gap_as_an_empty_cell_is() {
    for gap in [
        format!("CustomerSubscriptionId,TenantId\n,{TENANT}\n"),
        format!("{{\"CustomerSubscriptionId\":null,\"TenantId\":\"{TENANT}\"}}"),
    ] {
        let row = read(gap).remove(0).unwrap();
        assert_eq!(row.cells.get(Column::CustomerSubscriptionId), Some(""));
        let error = row.resolve(&TargetInput::default(), None, Purpose::Remove).unwrap_err();
        assert!(error.to_string().contains("Row 1 (line "), "{error}");
    }
}

/// Inputs that are wrong as a whole, and what is said about each: the code, and a part of the message.
const WRONG: &[(&[u8], &str, &str)] = &[
    (b"", "InputEmpty", "It is empty."),
    (b"\n \n", "InputEmpty", "Expected a header"),
    (b"sep=;\n", "InputEmpty", "Expected a header"),
    (b"\xef\xbb\xbf", "InputEmpty", "It is empty."),
    (
        b"Kunde,Abo\nContoso,x\n",
        "ColumnsNotFound",
        "Line 1: none of the expected columns was found. Found: 'Kunde', 'Abo'.",
    ),
    (b"CustomerSubscriptionId|TenantId\na|b\n", "ColumnsNotFound", "'CustomerSubscriptionId|TenantId'"),
    (b"e09a4e93-29a7-4eba-a6d4-76202383f07f\n", "HeaderMissing", "The file has no header."),
    (b"x,/subscriptions/a\n", "HeaderMissing", "'/subscriptions/a' stands where the name of a column"),
    (
        b"CustomerSubscriptionId,tenantId,TENANTID\n",
        "ColumnTwice",
        "Line 1: the column 'TenantId' is there twice.",
    ),
    (
        b"CustomerSubscriptionId,Tenant ID\n",
        "ColumnMisspelt",
        "Line 1: There is no column 'Tenant ID'. Expected 'TenantId'",
    ),
    (b"CustomerSubscriptionId;x,TenantId\n", "SeparatorAmbiguous", "reads in more than one way"),
    (b"CustomerSubscriptionId,\"Ten\nantId\"\n", "HeaderNotUnderstood", "a quote in it is not closed"),
    (
        b"\nCustomerSubscriptionId,Kunde\nx,J\xfcrgen\n",
        "EncodingNotKnown",
        "Line 3: there are bytes (0xFC) that are not UTF-8.",
    ),
    (b"CustomerSubscriptionId\nx\0y\n", "EncodingNotKnown", "Line 2: there is a NUL character."),
    (b"\xff\xfe\0\0x\0\0\0", "EncodingNotKnown", "It is UTF-32."),
    (b"\xff\xfeC\0u", "EncodingNotKnown", "not UTF-16LE"),
    (b"PK\x03\x04abcdef", "EncodingNotKnown", "an Excel workbook"),
    (b"\x1f\x8b\x08abcdef", "EncodingNotKnown", "compressed with gzip"),
    (
        b"CustomerSubscriptionId,Remark\na,b\nc,\"d\ne,f\ng,h\n",
        "QuoteNotClosed",
        "Line 3: a quote in the row that begins here",
    ),
    (b"CustomerSubscriptionId,Remark\na,\"b", "QuoteNotClosed", "Line 2: "),
    (
        b"[\n{\"tenantId\":\"x\"}\n]",
        "JsonNotLines",
        "Line 1 begins an array. Expected an object on each line.",
    ),
];

#[test]
fn an_input_that_cannot_be_read_to_its_end_is_wrong_as_a_whole() {
    for (bytes, code, said) in WRONG {
        let rows = read(bytes);
        let last = rows.last().unwrap().as_ref().unwrap_err();
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(last.code(), *code, "{shown:?}: {last}");
        assert!(last.to_string().contains(said), "{shown:?}: {said:?} is not in {last}");
        assert_eq!((last.parts().row, last.category()), (0, Category::Input), "{shown:?}");
        assert!(last.recommended_action(Words::Neutral).is_some(), "{shown:?}: {last}");
    }
}

/// Rows that are wrong, each the second of three, and what is said about it.
const WRONG_ROWS: &[(&str, &str, &str, &str)] = &[
    (
        "CustomerSubscriptionId,TenantId",
        "a",
        "CellCountDiffers",
        "it has 1 cell, and the header has 2 cells.",
    ),
    ("CustomerSubscriptionId,TenantId", "a,b,c", "CellCountDiffers", "it has 3 cells"),
    (
        "CustomerSubscriptionId,TenantId",
        " ,",
        "RowNotUnderstood",
        "none of the expected columns has a value. Found: 'CustomerSubscriptionId', 'TenantId'.",
    ),
    ("ResourceId,TenantId", ",b", "ValueMissing", "ResourceId is empty"),
    ("", "{\"a\":1}", "RowNotUnderstood", "none of the expected columns was found. Found: 'a'."),
    ("", "{}", "RowNotUnderstood", "Found: no columns"),
    ("", "[{\"tenantId\":\"x\"}]", "JsonNotValid", "is JSON, but no object"),
    ("", "\"x\"", "JsonNotValid", "'\"x\"' is JSON, but no object"),
    ("", "{\"tenantId\":\"x\"", "JsonNotValid", "is no JSON ("),
    (
        "",
        "{\"tenantId\":\"x\"} {\"tenantId\":\"y\"}",
        "JsonNotValid",
        "is no JSON (trailing characters, at column 18)",
    ),
    ("", "{\"tenantId\":5}", "TypeNotExpected", "TenantId is a number. Expected a text, in quotes."),
    ("", "{\"tenantId\":[\"x\"]}", "TypeNotExpected", "TenantId is an array."),
    ("", "{\"tenantId\":{\"x\":1}}", "TypeNotExpected", "TenantId is an object."),
    ("", "{\"properties\":{\"tenantId\":true}}", "TypeNotExpected", "Properties.tenantId is true or false."),
    ("", "{\"tenantId\":\"x\",\"TenantID\":\"x\"}", "ColumnTwice", "'TenantId' is there twice."),
    ("", "{\"customerSubscriptionId\":\"x\",\"tenant_id\":\"x\"}", "ColumnMisspelt", "Expected 'TenantId'"),
    (
        "",
        "{\"customerSubscriptionId\":\"x\",\"properties\":{\"tenantId\":\"x\",\"tenantId\":\"y\"}}",
        "ColumnTwice",
        "'Properties.tenantId' is there twice.",
    ),
    (
        "",
        "{\"customerSubscriptionId\":\"x\",\"properties\":{\"tenant_id\":\"x\"}}",
        "ColumnMisspelt",
        "There is no column 'properties.tenant_id'. Expected 'Properties.tenantId'",
    ),
];

#[test]
fn a_row_that_is_wrong_is_told_by_row_and_line_and_the_next_one_is_read() {
    for (header, wrong, code, said) in WRONG_ROWS {
        let (good, first) = if header.is_empty() {
            ("{\"tenantId\":\"x\"}".to_owned(), 1)
        } else {
            ("x,".repeat(header.matches(',').count()) + "x", 2)
        };
        let input = if header.is_empty() {
            format!("{good}\n{wrong}\n{good}\n")
        } else {
            format!("{header}\n{good}\n{wrong}\n{good}\n")
        };
        let error = refused(&input);
        assert_eq!(error.code(), *code, "{wrong}: {error}");
        let place = format!("Row 2 (line {}): ", first + 1);
        assert!(error.parts().message.starts_with(&place), "{wrong}: {error}");
        assert!(error.to_string().contains(said), "{wrong}: {said:?} is not in {error}");
        assert_eq!((error.parts().row, error.category()), (2, Category::Input), "{wrong}");
    }
}

#[test]
fn text_after_a_closing_quote_is_refused() {
    // On one line it is the row's own fault.
    let error =
        refused(format!("CustomerSubscriptionId,Name\n{ONE},\"Acme\" Ltd\n{TWO},\"a \"\"b\"\"\"\r\n"));
    assert_eq!((error.code(), error.parts().row), ("TextAfterQuote", 1));
    assert_eq!(
        error.parts().message,
        "Row 1 (line 2): text follows the closing quote of a cell. Expected a separator or the end of the line."
    );
    // Over several, nobody can tell which rows are in it.
    let rows = read(format!("CustomerSubscriptionId,Name\n{TWO},x\n{ONE},\"Acme\n{TWO},\"Foo\n{ONE},x\n"));
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!((rows.len(), error.code(), error.parts().row), (2, "TextAfterQuote", 0));
    assert!(
        error.to_string().contains(
            "Line 3: text follows the closing quote of a cell in the row that begins here and ends in line 4."
        ),
        "{error}"
    );
    assert!(error.recommended_action(Words::Neutral).is_some());
}

#[test]
fn what_all_rows_share_may_be_repeated_and_not_contradicted() {
    let command_line = TargetInput { registration_name: Some("hub1".to_owned()), ..TargetInput::default() };
    let csv = format!("CustomerSubscriptionId,RegistrationName\n{ONE}, HUB1 \n{TWO},\n{TWO},hub2\n");
    let targets: Vec<_> = read(csv).into_iter().map(|row| row.unwrap().target(&command_line)).collect();
    for target in &targets[..2] {
        assert_eq!(target.as_ref().unwrap().registration_name.as_deref(), Some("hub1"));
    }
    let error = targets[2].as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "RowContradictsParameter: Row 3 (line 4): RegistrationName is 'hub2', but the command line says 'hub1'."
    );
    assert_eq!(error.parts().column.as_deref(), Some("RegistrationName"));
}

#[test]
fn an_older_name_counts_where_the_newer_says_nothing() {
    let csv = format!(
        "CustomerSubscriptionId,CustomerSubscriptionName,Properties.tenantId\n,{ONE},{TENANT}\n{TWO},{ONE},\n"
    );
    assert_eq!(ids(csv), [row(ONE, TENANT), (Some(TWO.to_owned()), Some(String::new()))]);
    // A column Id of another kind is none of a resource.
    assert_eq!(refused("Id,Name\n7,x\n").code(), "RowNotUnderstood");
    let read = read(format!("Id\n{REGISTRATION}\n")).remove(0).unwrap();
    assert_eq!(read.target(&TargetInput::default()).unwrap().resource_id.as_deref(), Some(REGISTRATION));
}

#[test]
fn the_given_format_goes_before_the_one_that_the_content_shows() {
    let csv = format!("CustomerSubscriptionId\n{ONE}\n");
    let error = Reader::open(csv.as_bytes(), Some(Format::JsonLines)).unwrap().next().unwrap().unwrap_err();
    assert_eq!(error.code(), "JsonNotValid");
    assert_eq!(Reader::open(&b""[..], Some(Format::JsonLines)).unwrap().count(), 0);
    assert!(Reader::open(&b"{\"tenantId\":\"x\"}"[..], Some(Format::Csv)).is_err());
}

/// Gives some bytes, then fails.
struct Breaking(&'static [u8]);

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn an_input_that_breaks_off_is_told_after_the_rows_before() {
    // Longer than what is read at once, so that the break comes within the rows.
    static CSV: &[u8] = b"CustomerSubscriptionId,Remark\nfirst,                                                      x\nsecond";
    let rows: Vec<_> = Reader::open(Breaking(CSV), None).unwrap().collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[0].as_ref().unwrap().cells.get(Column::CustomerSubscriptionId), Some("first"));
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!((error.code(), error.parts().row), ("InputNotReadable", 0));
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}

#[test]
fn a_quote_that_is_never_closed_is_told_before_everything_is_in_memory() {
    let mut csv = String::from("CustomerSubscriptionId,Remark\na,b\nc,\"d\n");
    csv.push_str(&"e,f\n".repeat(1 << 20));
    let rows = read(&csv);
    let error = rows.last().unwrap().as_ref().unwrap_err();
    assert_eq!((rows.len(), error.code()), (2, "RowTooLong"));
    assert!(error.to_string().contains("Line 3: the row that begins here is longer than 256 KB."), "{error}");
}
