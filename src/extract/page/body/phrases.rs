//! Labels of page furniture, in the languages the newswire is written in.

/// Whole texts (lower case, without punctuation at the ends) that are furniture wherever they stand.
const LABELS: &[&str] = &[
    "advertisement", "advertising", "ad", "sponsored", "sponsored content", "promoted", "story continues below advertisement", "article continues below advertisement", "continue reading below", "continue reading the main story", "scroll to continue", "skip advertisement",
    "share", "share this", "share this article", "share this post", "share this story", "share on facebook", "share on twitter", "share on x", "share on linkedin", "tweet", "pin it", "email", "print", "copy link", "save", "like", "like this", "like loading", "loading", "follow us", "reply",
    "read more", "read full article", "more", "see more", "show more", "learn more", "view more", "view all", "click here", "watch now", "listen", "listen to this article", "subscribe", "subscribe now", "sign up", "log in", "login", "register", "download",
    "related", "related articles", "related posts", "related stories", "related content", "related topics", "related news", "related coverage", "related reading", "recommended", "recommended for you", "recommended reading", "you may also like", "you might also like", "you may like", "see also", "read next", "up next", "what to read next", "more stories", "more from", "more news", "latest news", "most read", "most popular", "popular posts", "recent posts", "trending", "trending now", "further reading", "also read", "read also", "keep reading", "more like this",
    "about the author", "about the authors", "about author", "author", "author bio", "written by", "comments", "leave a comment", "leave a reply", "leave a reply cancel reply", "post a comment", "join the conversation", "join the discussion", "add a comment", "no comments", "newsletter", "subscribe to our newsletter", "sign up for our newsletter", "stay in the loop", "get the newsletter", "tags", "categories", "filed under", "topics", "posted in", "previous post", "next post", "previous", "next", "back to top", "top", "table of contents", "contents", "in this article", "on this page", "jump to", "contact us", "share your thoughts", "follow us on", "enjoyed this article",
    "anzeige", "werbung", "teilen", "drucken", "weiterlesen", "mehr", "mehr zum thema", "das könnte sie auch interessieren", "das könnte dich auch interessieren", "auch interessant", "lesen sie auch", "ähnliche artikel", "ähnliche beiträge", "verwandte artikel", "verwandte beiträge", "weitere artikel", "weitere beiträge", "kommentare", "kommentar schreiben", "schreibe einen kommentar", "kommentar hinterlassen", "antworten", "gefällt mir", "gefällt mir wird geladen", "teilen mit", "schlagwörter", "kategorien", "inhalt", "inhaltsverzeichnis", "über den autor", "zur startseite",
    "publicité", "partager", "imprimer", "lire aussi", "à lire aussi", "lire la suite", "sur le même sujet", "articles similaires", "articles liés", "commentaires", "laisser un commentaire", "à propos de l'auteur",
    "publicidad", "compartir", "comparte", "imprimir", "leer más", "lee también", "te puede interesar", "artículos relacionados", "noticias relacionadas", "comentarios", "deja un comentario", "relacionado",
    "pubblicità", "condividi", "stampa", "leggi anche", "articoli correlati", "commenti", "lascia un commento", "publicidade", "compartilhe", "compartilhar", "leia mais", "leia também", "veja também", "artigos relacionados",
    "advertentie", "delen", "lees ook", "gerelateerde artikelen", "reacties", "reklama", "udostępnij", "czytaj także", "czytaj też", "zobacz także", "zobacz też", "podobne artykuły", "powiązane artykuły", "komentarze", "реклама", "поделиться", "читайте также", "читать далее", "комментарии", "похожие статьи",
];

/// Headings after which, up to the next heading, nothing belongs to the article.
const FOREIGN: &[&str] = &[
    "related", "recommended", "you may also", "you might also", "see also", "read next", "read more", "more from", "more stories", "more news", "more on", "latest news", "most read", "most popular", "popular posts", "recent posts", "trending", "also read", "keep reading", "about the author", "author bio", "leave a", "comments", "post a comment", "newsletter", "subscribe", "sign up", "share this", "follow us", "ähnliche", "verwandte", "weitere artikel", "weitere beiträge", "das könnte", "auch interessant", "kommentar", "schreibe einen", "über den autor", "articles similaires", "articles liés", "à lire aussi", "lire aussi", "commentaires", "laisser un", "artículos relacionados", "noticias relacionadas", "te puede interesar", "comentarios", "deja un", "articoli correlati", "leggi anche", "commenti", "lascia un", "artigos relacionados", "leia também", "veja também", "lees ook", "reacties", "podobne", "powiązane", "czytaj", "zobacz", "читайте также", "комментарии", "похожие",
];

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
