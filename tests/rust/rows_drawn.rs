//! What a writer writes is what the reader reads, and no bytes make it panic.

use azs_registration::rows::{Column, Format, Reader};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// How a file is encoded.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Le,
    Utf16Be,
    /// Told from the zeros in the header.
    Utf16LeWithoutMark,
    Utf16BeWithoutMark,
}

const ENCODINGS: [Encoding; 6] = [
    Encoding::Utf8,
    Encoding::Utf8WithMark,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
    Encoding::Utf16LeWithoutMark,
    Encoding::Utf16BeWithoutMark,
];

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    let units = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8WithMark => marked.into_bytes(),
        Encoding::Utf16Le => units(&marked, u16::to_le_bytes),
        Encoding::Utf16Be => units(&marked, u16::to_be_bytes),
        Encoding::Utf16LeWithoutMark => units(text, u16::to_le_bytes),
        Encoding::Utf16BeWithoutMark => units(text, u16::to_be_bytes),
    }
}

/// A table: its columns, and the cells of its rows.
fn tables() -> impl Strategy<Value = (Vec<Column>, Vec<Vec<String>>)> {
    subsequence(Column::ALL.to_vec(), 1..=Column::ALL.len()).prop_shuffle().prop_flat_map(|columns| {
        let cell = "[^\u{0}]{0,20}|[0-9a-f-]{36}|[ ,;\t\"'\r\n]{0,6}|ä€𝄞\u{feff}";
        let rows = vec(vec(cell, columns.len()), 0..20);
        (Just(columns), rows)
    })
}

#[derive(Debug, Clone)]
struct Writing {
    encoding: Encoding,
    separator: u8,
    says_separator: bool,
    always_quotes: bool,
    ends_lines_with: csv::Terminator,
}

fn writings() -> impl Strategy<Value = Writing> {
    let ends = vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n'), csv::Terminator::Any(b'\r')];
    (
        select(ENCODINGS.to_vec()),
        select(vec![b',', b';', b'\t', b'|']),
        any::<bool>(),
        any::<bool>(),
        select(ends),
    )
        .prop_map(|(encoding, separator, says_separator, always_quotes, ends_lines_with)| Writing {
            encoding,
            separator,
            // The header cannot show this one.
            says_separator: says_separator || separator == b'|',
            always_quotes,
            ends_lines_with,
        })
}

/// Written by the `csv` crate's writer, which shares nothing with what reads here but the author.
fn written(columns: &[Column], rows: &[Vec<String>], writing: &Writing) -> Vec<u8> {
    let style = if writing.always_quotes { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(writing.separator)
        .quote_style(style)
        .terminator(writing.ends_lines_with)
        .from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.name())).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    // One column alone shows none.
    let said = if writing.says_separator || columns.len() == 1 {
        format!("sep={}\n", writing.separator as char)
    } else {
        String::new()
    };
    encoded(&(said + &text), writing.encoding)
}

fn check(
    columns: &[Column],
    rows: &[Vec<String>],
    bytes: &[u8],
    format: Option<Format>,
) -> Result<(), TestCaseError> {
    let read: Vec<_> =
        Reader::open(bytes, format).map_err(|error| TestCaseError::fail(error.to_string()))?.collect();
    prop_assert_eq!(read.len(), rows.len(), "{:?}", read);
    for ((read, written), number) in read.into_iter().zip(rows).zip(1..) {
        let read = read.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read.number, number);
        for (column, cell) in columns.iter().zip(written) {
            prop_assert_eq!(read.cells.get(*column), Some(cell.as_str()), "{}", column.name());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn csv_comes_back_as_it_was_written((columns, rows) in tables(), writing in writings()) {
        let bytes = written(&columns, &rows, &writing);
        check(&columns, &rows, &bytes, Some(Format::Csv))?;
        // What it is shows too.
        check(&columns, &rows, &bytes, None)?;
    }

    #[test]
    fn json_lines_come_back_as_they_were_written((columns, rows) in tables(), encoding in select(ENCODINGS.to_vec())) {
        let mut text = String::new();
        for row in &rows {
            // A member Id that is no text is none of ours; all of these are texts.
            let members: serde_json::Map<String, serde_json::Value> =
                columns.iter().zip(row).map(|(column, cell)| (column.name().to_owned(), cell.as_str().into())).collect();
            text += &format!("{}\n", serde_json::Value::Object(members));
        }
        check(&columns, &rows, &encoded(&text, encoding), Some(Format::JsonLines))?;
    }

    #[test]
    fn arbitrary_bytes_give_rows_or_a_clear_error(bytes in odd_bytes(), format in select(vec![None, Some(Format::Csv), Some(Format::JsonLines)])) {
        let read: Vec<_> = match Reader::open(&bytes[..], format) {
            Ok(reader) => reader.collect(),
            Err(error) => vec![Err(error)],
        };
        for (at, row) in read.iter().enumerate() {
            let Err(error) = row else { continue };
            let (parts, last) = (error.parts(), at + 1 == read.len());
            prop_assert!(parts.row > 0 || last, "rows follow {error}");
            let place = if parts.row > 0 { "(line " } else { "Line " };
            prop_assert!(parts.message.contains(place) || parts.message.starts_with("It is "), "{error}");
            prop_assert!(!parts.message.contains('\0'), "{error}");
        }
    }
}

/// Bytes as they come, and files with something odd in them.
fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    let file =
        (tables(), writings()).prop_map(|((columns, rows), writing)| written(&columns, &rows, &writing));
    let spoilt =
        (file, vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)).prop_map(|(mut file, spots)| {
            for (at, byte) in spots {
                let at = at.index(file.len());
                file[at] = byte;
            }
            file
        });
    let parts = select(vec![
        "CustomerSubscriptionId",
        "TenantId",
        ",",
        ";",
        "\t",
        "\"",
        "\n",
        "\r\n",
        "{",
        "}",
        "[",
        ":",
        "null",
        "\u{feff}",
        "sep=",
        "ä",
        "{\"tenantId\":\"x\"}\n",
        "{\"id\":",
        "#TYPE x\n",
        "\0",
    ]);
    prop_oneof![
        vec(any::<u8>(), 0..200),
        spoilt,
        vec(parts, 0..30).prop_map(|parts| parts.concat().into_bytes()),
    ]
}
