//! Names of months and time zones as they stand in real dates, lower case and without accents.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Month names, January first. English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian,
/// Swedish/Danish/Norwegian, Finnish, Czech, Turkish, Indonesian, Ukrainian, Hungarian, Greek.
const MONTHS: [&str; 12] = [
    "january januar jaenner janner janvier enero gennaio janeiro januari styczen stycznia января январь \
     tammikuuta tammikuu leden ledna ocak сiчня січня januarius ιανουαριου ιανουαριος",
    "february februar feber fevrier febrero febbraio fevereiro februari luty lutego февраля февраль \
     helmikuuta helmikuu unor unora subat лютого februarius φεβρουαριου φεβρουαριος pebruari",
    "march maerz marz mrz mars marzo marco maart mrt marzec marca марта март marts maaliskuuta maaliskuu \
     brezen brezna mart maret березня marcius μαρτιου μαρτιος",
    "april avril abril aprile kwiecien kwietnia апреля апрель huhtikuuta huhtikuu duben dubna nisan квітня \
     квiтня aprilis απριλιου απριλιος",
    "may mai mayo maggio maio mei maj maja мая маи toukokuuta toukokuu kveten kvetna mayis травня majus μαιου \
     μαιος",
    "june juni juin junio giugno junho czerwiec czerwca июня июнь kesakuuta kesakuu cerven cervna haziran \
     червня junius ιουνιου ιουνιος",
    "july juli juillet julio luglio julho lipiec lipca июля июль heinakuuta heinakuu cervenec cervence temmuz \
     липня julius ιουλιου ιουλιος",
    "august aout agosto augustus sierpien sierpnia августа август augusti elokuuta elokuu srpen srpna agustos \
     agustus серпня augusztus αυγουστου αυγουστος",
    "september septembre septiembre setiembre settembre setembro wrzesien wrzesnia сентября сентябрь syyskuuta \
     syyskuu zari eylul вересня szeptember σεπτεμβριου σεπτεμβριος",
    "october oktober octobre octubre ottobre outubro pazdziernik pazdziernika октября октябрь lokakuuta lokakuu \
     rijen rijna ekim жовтня οκτωβριου οκτωβριος",
    "november novembre noviembre novembro listopad listopada ноября ноябрь marraskuuta marraskuu listopadu \
     kasim листопада νοεμβριου νοεμβριος nopember",
    "december dezember decembre diciembre dicembre dezembro grudzien grudnia декабря декабрь joulukuuta \
     joulukuu prosinec prosince aralik desember грудня δεκεμβριου δεκεμβριος",
];

/// Zone names that RFC 5322 and ISO 8601 know, in minutes from UTC.
const STANDARD_ZONES: [(&str, i16); 12] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
];

/// Other zone names in use; where one has several meanings, the one most feeds mean.
const OTHER_ZONES: [(&str, i16); 59] = [
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("mez", 60),
    ("met", 60),
    ("cest", 120),
    ("mesz", 120),
    ("mest", 120),
    ("eet", 120),
    ("eest", 180),
    ("sast", 120),
    ("cat", 120),
    ("wat", 60),
    ("eat", 180),
    ("msk", 180),
    ("msd", 240),
    ("trt", 180),
    ("idt", 180),
    ("irst", 210),
    ("irdt", 270),
    ("gst", 240),
    ("samt", 240),
    ("yekt", 300),
    ("pkt", 300),
    ("uzt", 300),
    ("ist", 330),
    ("npt", 345),
    ("omst", 360),
    ("mmt", 390),
    ("ict", 420),
    ("wib", 420),
    ("novt", 420),
    ("krat", 420),
    ("hkt", 480),
    ("sgt", 480),
    ("myt", 480),
    ("pht", 480),
    ("wita", 480),
    ("awst", 480),
    ("irkt", 480),
    ("jst", 540),
    ("kst", 540),
    ("wit", 540),
    ("acst", 570),
    ("acdt", 630),
    ("aest", 600),
    ("aedt", 660),
    ("vlat", 600),
    ("nzst", 720),
    ("nzdt", 780),
    ("nst", -210),
    ("ndt", -150),
    ("ast", -240),
    ("adt", -180),
    ("brt", -180),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
];

/// Weekdays in English, Monday first, by their first three letters.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Lower case, without accents, full-width forms made plain.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ı' { 'i' } else { c })
        .collect()
}

/// English abbreviations, which nearly all feeds use.
const ENGLISH: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The month (1 to 12) whose name, in some language, starts with this folded word of three letters or more.
pub(super) fn month(word: &str) -> Option<i8> {
    if let Some(at) = ENGLISH.iter().position(|month| *month == word) {
        return i8::try_from(at + 1).ok();
    }
    if word.chars().nth(2).is_none() || weekday(word).is_some_and(|_| word.len() == 3) {
        return None;
    }
    let whole = MONTHS.iter().position(|names| names.split_whitespace().any(|name| name == word));
    let at = whole.or_else(|| {
        MONTHS.iter().position(|names| names.split_whitespace().any(|name| name.starts_with(word)))
    })?;
    i8::try_from(at + 1).ok()
}

/// Whether English has the month name, so that a feed using it needs no repair.
pub(super) fn is_english_month(word: &str) -> bool {
    MONTHS.iter().any(|names| {
        names.split_whitespace().next().is_some_and(|english| english.starts_with(word))
    }) || word == "sept"
}

/// Minutes from UTC of a folded zone name, and whether the standards know it.
pub(super) fn zone(word: &str) -> Option<(i16, bool)> {
    let find = |zones: &[(&str, i16)]| {
        zones.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes)
    };
    find(&STANDARD_ZONES)
        .map(|minutes| (minutes, true))
        .or_else(|| find(&OTHER_ZONES).map(|minutes| (minutes, false)))
}

/// The weekday (1 = Monday) an English word names.
pub(super) fn weekday(word: &str) -> Option<i8> {
    let at = WEEKDAYS.iter().position(|day| word.starts_with(day))?;
    i8::try_from(at + 1).ok()
}
