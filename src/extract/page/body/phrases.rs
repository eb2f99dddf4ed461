//! Labels of page furniture, in the languages the newswire is written in.

use crate::extract::dates;

/// Whole texts (lower case, without punctuation at the ends) that are furniture wherever they stand.
const LABELS: &[&str] = &[
    "advertisement",
    "advertising",
    "ad",
    "sponsored",
    "sponsored content",
    "promoted",
    "story continues below advertisement",
    "article continues below advertisement",
    "continue reading below",
    "continue reading the main story",
    "scroll to continue",
    "skip advertisement",
    "share",
    "share this",
    "share this article",
    "share this post",
    "share this story",
    "share on facebook",
    "share on twitter",
    "share on x",
    "share on linkedin",
    "tweet",
    "pin it",
    "email",
    "print",
    "copy link",
    "save",
    "like",
    "like this",
    "like loading",
    "loading",
    "follow us",
    "reply",
    "read more",
    "read full article",
    "more",
    "see more",
    "show more",
    "learn more",
    "view more",
    "view all",
    "click here",
    "watch now",
    "listen",
    "listen to this article",
    "subscribe",
    "subscribe now",
    "sign up",
    "log in",
    "login",
    "register",
    "download",
    "related",
    "related articles",
    "related posts",
    "related stories",
    "related content",
    "related topics",
    "related news",
    "related coverage",
    "related reading",
    "recommended",
    "recommended for you",
    "recommended reading",
    "you may also like",
    "you might also like",
    "you may like",
    "see also",
    "read next",
    "up next",
    "what to read next",
    "more stories",
    "more from",
    "more news",
    "latest news",
    "most read",
    "most popular",
    "popular posts",
    "recent posts",
    "trending",
    "trending now",
    "further reading",
    "also read",
    "read also",
    "keep reading",
    "more like this",
    "about the author",
    "about the authors",
    "about author",
    "author",
    "author bio",
    "written by",
    "comments",
    "leave a comment",
    "leave a reply",
    "leave a reply cancel reply",
    "post a comment",
    "join the conversation",
    "join the discussion",
    "add a comment",
    "no comments",
    "newsletter",
    "subscribe to our newsletter",
    "sign up for our newsletter",
    "stay in the loop",
    "get the newsletter",
    "tags",
    "categories",
    "filed under",
    "topics",
    "posted in",
    "previous post",
    "next post",
    "previous",
    "next",
    "back to top",
    "top",
    "table of contents",
    "contents",
    "in this article",
    "on this page",
    "jump to",
    "contact us",
    "share your thoughts",
    "follow us on",
    "enjoyed this article",
    "anzeige",
    "werbung",
    "teilen",
    "drucken",
    "weiterlesen",
    "mehr",
    "mehr zum thema",
    "das könnte sie auch interessieren",
    "das könnte dich auch interessieren",
    "auch interessant",
    "lesen sie auch",
    "ähnliche artikel",
    "ähnliche beiträge",
    "verwandte artikel",
    "verwandte beiträge",
    "weitere artikel",
    "weitere beiträge",
    "kommentare",
    "kommentar schreiben",
    "schreibe einen kommentar",
    "kommentar hinterlassen",
    "antworten",
    "gefällt mir",
    "gefällt mir wird geladen",
    "teilen mit",
    "schlagwörter",
    "kategorien",
    "inhalt",
    "inhaltsverzeichnis",
    "über den autor",
    "zur startseite",
    "publicité",
    "partager",
    "imprimer",
    "lire aussi",
    "à lire aussi",
    "lire la suite",
    "sur le même sujet",
    "articles similaires",
    "articles liés",
    "commentaires",
    "laisser un commentaire",
    "à propos de l'auteur",
    "publicidad",
    "compartir",
    "comparte",
    "imprimir",
    "leer más",
    "lee también",
    "te puede interesar",
    "artículos relacionados",
    "noticias relacionadas",
    "comentarios",
    "deja un comentario",
    "relacionado",
    "pubblicità",
    "condividi",
    "stampa",
    "leggi anche",
    "articoli correlati",
    "commenti",
    "lascia un commento",
    "publicidade",
    "compartilhe",
    "compartilhar",
    "leia mais",
    "leia também",
    "veja também",
    "artigos relacionados",
    "advertentie",
    "delen",
    "lees ook",
    "gerelateerde artikelen",
    "reacties",
    "reklama",
    "udostępnij",
    "czytaj także",
    "czytaj też",
    "zobacz także",
    "zobacz też",
    "podobne artykuły",
    "powiązane artykuły",
    "komentarze",
    "реклама",
    "поделиться",
    "читайте также",
    "читать далее",
    "комментарии",
    "похожие статьи",
];

/// Headings after which, up to the next heading, nothing belongs to the article.
const FOREIGN: &[&str] = &[
    "related",
    "recommended",
    "you may also",
    "you might also",
    "see also",
    "read next",
    "read more",
    "more from",
    "more stories",
    "more news",
    "more on",
    "latest news",
    "most read",
    "most popular",
    "popular posts",
    "recent posts",
    "trending",
    "also read",
    "keep reading",
    "about the author",
    "author bio",
    "leave a",
    "comments",
    "post a comment",
    "newsletter",
    "subscribe",
    "sign up",
    "share this",
    "follow us",
    "ähnliche",
    "verwandte",
    "weitere artikel",
    "weitere beiträge",
    "das könnte",
    "auch interessant",
    "kommentar",
    "schreibe einen",
    "über den autor",
    "articles similaires",
    "articles liés",
    "à lire aussi",
    "lire aussi",
    "commentaires",
    "laisser un",
    "artículos relacionados",
    "noticias relacionadas",
    "te puede interesar",
    "comentarios",
    "deja un",
    "articoli correlati",
    "leggi anche",
    "commenti",
    "lascia un",
    "artigos relacionados",
    "leia também",
    "veja também",
    "lees ook",
    "reacties",
    "podobne",
    "powiązane",
    "czytaj",
    "zobacz",
    "читайте также",
    "комментарии",
    "похожие",
];

/// First words of a line that leads elsewhere.
const PROMPTS: &[&str] = &[
    "read more",
    "read also",
    "also read",
    "read next",
    "read:",
    "see also",
    "see more",
    "see:",
    "related",
    "more:",
    "more on",
    "more from",
    "don't miss",
    "watch:",
    "watch |",
    "watch now",
    "listen:",
    "download:",
    "recommended",
    "you may also",
    "you might also",
    "click here",
    "tags",
    "tag:",
    "filed under",
    "posted in",
    "categories",
    "category",
    "topics",
    "source:",
    "sources:",
    "follow ",
    "join our",
    "sign up",
    "subscribe",
    "image source",
    "lesen sie auch",
    "lesen sie hier",
    "lesen sie dazu",
    "lesen sie mehr",
    "mehr zum thema",
    "mehr dazu",
    "mehr:",
    "siehe auch",
    "auch interessant",
    "schlagwörter",
    "kategorie",
    "lire aussi",
    "à lire",
    "lire :",
    "lire la suite",
    "voir aussi",
    "lea también",
    "lee también",
    "leer más",
    "te puede interesar",
    "puede interesarte",
    "puedes ver",
    "leia também",
    "leia mais",
    "veja também",
    "saiba mais",
    "leggi anche",
    "leggi di più",
    "lees ook",
    "lees meer",
    "les også",
    "læs også",
    "läs också",
    "läs mer",
    "les mer",
    "lue myös",
    "czytaj także",
    "czytaj też",
    "zobacz także",
    "zobacz też",
    "przeczytaj",
    "читайте также",
    "смотрите также",
    "čtěte také",
    "baca juga",
    "अधिक",
    "ayrıca",
];

/// First words of a picture's caption or credit.
const CREDITS: &[&str] = &[
    "photo:",
    "photo by",
    "photos:",
    "photo credit",
    "photograph:",
    "image:",
    "image credit",
    "image courtesy",
    "images:",
    "(image",
    "(photo",
    "(foto",
    "foto:",
    "fotos:",
    "foto(s):",
    "bild:",
    "bildquelle",
    "© ",
    "crédit photo",
    "crédits",
    "credit:",
    "picture:",
    "pic:",
    "getty images",
    "screenshot:",
    "ljósmynd",
    "zdjęcie:",
    "fot.",
    "фото:",
];

/// First words of the line that says when a page was published.
const DATE_LEADS: &[&str] = &[
    "published",
    "first published",
    "updated",
    "last updated",
    "last modified",
    "posted",
    "created",
    "date:",
    "stand:",
    "veröffentlicht",
    "erstellt",
    "aktualisiert",
    "zuletzt aktualisiert",
    "letzte änderung",
    "letzte aktualisierung",
    "geändert",
    "publié",
    "mis à jour",
    "publicado",
    "actualizado",
    "atualizado",
    "pubblicato",
    "aggiornato",
    "gepubliceerd",
    "bijgewerkt",
    "publisert",
    "sist oppdatert",
    "publiceret",
    "opdateret",
    "publicerad",
    "uppdaterad",
    "opublikowano",
    "aktualizacja",
    "опубликовано",
    "обновлено",
    "datum",
    "公開日",
    "更新日",
];

/// True if a short text with links leads the reader elsewhere.
pub(super) fn is_prompt(text: &str) -> bool {
    begins(text, PROMPTS)
}

/// True if the text is a caption or credit of a picture by its first words.
pub(super) fn is_credit(text: &str) -> bool {
    let numbered = ["image ", "photo ", "bild ", "slide "].iter().any(|word| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && text[word.len()..].starts_with(|character: char| character.is_ascii_digit())
    });
    numbered || begins(text, CREDITS)
}

/// True if the text says when the page was published, and little else.
pub(super) fn is_date_line(text: &str) -> bool {
    if text.len() > 160 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let is_led = begins(text, DATE_LEADS);
    (is_led || text.chars().count() <= 40) && dates::scan(text).is_some()
}

/// True if a short paragraph asks to follow, subscribe or accept cookies.
pub(super) fn is_appeal(text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    (has(&["follow", "like us", "folgen sie", "suivez", "síguenos"])
        && has(&["twitter", "facebook", "instagram", "linkedin", "google news", "telegram"]))
        || (has(&["newsletter", "inbox", "e-paper"])
            && has(&[
                "sign up",
                "subscribe",
                "abonnieren",
                "anmelden",
                "get the latest",
                "inscrivez",
                "suscríbete",
            ]))
        || (has(&["cookie"])
            && has(&[
                "this website uses",
                "this site uses",
                "we use cookies",
                "uses cookies",
                "verwendet cookies",
                "wir verwenden",
                "nous utilisons",
                "utilizamos cookies",
            ]))
        || (has(&["subscri"])
            && has(&["already a", "to continue", "log in", "full access", "unlimited"]))
}

fn begins(text: &str, starts: &[&str]) -> bool {
    let end = text.floor_char_boundary(48);
    let start = text[..end]
        .trim_start_matches(['>', '»', '*', '–', '-', '▶', '►', '→', ' ', '+', '[', '•'])
        .to_lowercase();
    starts.iter().any(|lead| start.starts_with(lead))
}

/// True if the whole text is a label of page furniture.
pub(super) fn is_label(text: &str) -> bool {
    let text = normal(text);
    text.is_empty() || LABELS.contains(&text.as_str())
}

/// True if a heading opens a part that is not the article.
pub(super) fn opens_foreign_section(heading: &str) -> bool {
    let heading = normal(heading);
    FOREIGN.iter().any(|start| heading.starts_with(start))
}

fn normal(text: &str) -> String {
    text.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_whole_texts() {
        assert!(is_label("— Advertisement —"));
        assert!(is_label("Das könnte Sie auch interessieren:"));
        assert!(!is_label("Advertisement fraud rises"));
    }

    #[test]
    fn lines_that_lead_elsewhere() {
        assert!(is_prompt(">> Lesen Sie auch: Angriff auf Bank"));
        assert!(is_credit("Image 3 of 8"));
        assert!(is_credit("Photo: A. Person"));
        assert!(!is_credit("Image processing is hard"));
    }

    #[test]
    fn date_lines_hold_little_else() {
        assert!(is_date_line("Published Nov 18, 2019 at 4:07 PM | Updated at 5:36 PM"));
        assert!(is_date_line("22.04.2024, 06:00 Uhr"));
        assert!(!is_date_line(
            "On 22 April 2024 the attackers returned and took the rest of the data"
        ));
    }

    #[test]
    fn appeals_are_no_prose() {
        assert!(is_appeal("Follow us on Twitter and Facebook."));
        assert!(is_appeal("This website uses cookies to improve your experience."));
        assert!(!is_appeal("The cookie was stolen from the browser."));
    }
}
