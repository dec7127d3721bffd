use super::*;
use proptest::prelude::*;

/// Counted with OpenAI's tiktoken 0.14.0: o200k_base, cl100k_base, p50k_base, r50k_base.
const KNOWN: &[(&str, [u64; 4])] = &[
    ("", [0, 0, 0, 0]),
    ("hello world", [2, 2, 2, 2]),
    ("Hello, world!", [4, 4, 4, 4]),
    ("tiktoken is great!", [6, 6, 6, 6]),
    ("antidisestablishmentarianism", [6, 6, 5, 5]),
    ("2 + 2 = 4", [7, 7, 5, 5]),
    ("1234567890", [4, 4, 4, 4]),
    ("don't WON'T it's", [4, 6, 8, 8]),
    ("お誕生日おめでとう", [8, 9, 14, 14]),
    ("北京是中华人民共和国的首都", [6, 12, 24, 24]),
    ("안녕하세요", [2, 5, 14, 14]),
    ("Привет, мир", [4, 6, 12, 12]),
    ("👩\u{200d}👩\u{200d}👧👋🏽", [12, 19, 15, 15]),
    ("🚀🚀🚀", [6, 9, 9, 9]),
    (" ", [1, 1, 1, 1]),
    ("  \t\n\n  x", [4, 4, 5, 6]),
    ("   leading", [2, 2, 2, 3]),
    ("trailing   ", [3, 3, 3, 5]),
    ("\r\n\r\n", [1, 1, 4, 4]),
    (".\n/", [1, 2, 3, 3]),
    ("fn main() {\n    // hi\n}\n", [9, 9, 11, 13]),
    ("camelCaseAndHTTPServer", [5, 5, 7, 7]),
    ("<|endoftext|>", [7, 7, 7, 7]),
    ("<|im_start|>user", [7, 7, 8, 8]),
    ("e\u{301}\u{302}", [3, 4, 5, 5]),
    ("\u{a0}\u{2003}x", [3, 4, 4, 4]),
    ("\u{0}\u{1}", [2, 2, 2, 2]),
    ("a\u{200b}b", [3, 3, 3, 3]),
];

/// What is repeated, how often, and the tokens of the whole in o200k_base, cl100k_base and p50k_base,
/// counted with the same.
const REPEATED: &[(&str, usize, [u64; 3])] = &[
    ("L'eau bout à cent degrés, n'est-ce pas\u{a0}? ", 454, [5903, 6811, 8627]),
    ("ab \u{a0}", 4000, [11999, 11999, 11999]),
    (" \u{2003}x\n", 3333, [13332, 16665, 16665]),
    ("\n\u{a0}\u{a0}.", 3333, [10000, 10000, 9999]),
    ("\u{3000}\u{3000}水", 2222, [6666, 6666, 13332]),
    ("a", 20000, [2500, 2500, 5000]),
    ("A", 20000, [2500, 2500, 2500]),
    ("é", 10000, [10000, 10000, 10000]),
    ("中", 6666, [6666, 6666, 6666]),
    ("👩\u{200d}👩\u{200d}👧", 1111, [8888, 14443, 11110]),
    ("\u{301}", 10000, [10000, 10000, 20000]),
    ("-=", 10000, [1254, 1254, 1254]),
    ("\n", 20000, [1250, 625, 10000]),
    ("\r\n", 10000, [2500, 2500, 20000]),
    ("\u{a0}", 10000, [1250, 1250, 625]),
    (" \t", 10000, [9999, 9999, 20000]),
    ("=", 20000, [312, 313, 313]),
    ("'S", 10000, [10000, 10000, 20000]),
    ("aA", 10000, [10001, 20000, 20000]),
    ("0", 20000, [6667, 6667, 1250]),
    ("²", 10000, [10000, 10000, 10000]),
    ("๒", 6666, [6666, 13332, 13332]),
    ("{\"a\":[1,true]},", 1333, [7998, 7998, 9332]),
    ("Zm9vYmFyMTIzNDU2Nzg5MA+/", 833, [12495, 16660, 17493]),
    ("\0", 20000, [10000, 20000, 20000]),
    ("\u{e000}", 6666, [13332, 19998, 13332]),
    ("ПРИВЕТ", 1666, [6664, 9996, 19992]),
    ("สว\u{e31}สด\u{e35}", 1111, [4444, 6666, 13332]),
    (".\n/", 6666, [6666, 6667, 13333]),
];

/// A sentence in twenty languages, counted with gpt-tokenizer 4.0.0 (an implementation of others): o200k_base,
/// cl100k_base.
const TONGUES: &[(&str, [u64; 2])] = &[
    (
        "The kettle boils at a hundred degrees; pour a little of the water into the pot first.",
        [19, 19],
    ),
    (
        "Der Wasserkocher kocht bei hundert Grad; gieß zuerst ein wenig Wasser in die Kanne.",
        [21, 27],
    ),
    (
        "La bouilloire chauffe jusqu'à cent degrés ; versez d'abord un peu d'eau dans la théière.",
        [23, 28],
    ),
    ("El hervidor llega a los cien grados; vierte primero un poco de agua en la tetera.", [21, 26]),
    ("O bule ferve a cem graus; despeje primeiro um pouco de água no recipiente.", [19, 24]),
    ("Il bollitore arriva a cento gradi; versa prima un po' d'acqua nella teiera.", [21, 25]),
    ("De waterkoker kookt bij honderd graden; giet eerst een beetje water in de pot.", [19, 26]),
    ("Czajnik gotuje wodę w stu stopniach; najpierw wlej trochę wody do dzbanka.", [27, 32]),
    ("Чайник закипает при ста градусах; сначала налейте немного воды в заварник.", [24, 34]),
    ("Чайник кипить при ста градусах; спершу налийте трохи води в заварник.", [26, 36]),
    ("Ο βραστήρας βράζει στους εκατό βαθμούς· ρίξτε πρώτα λίγο νερό στην τσαγιέρα.", [29, 70]),
    ("Su ısıtıcısı yüz derecede kaynar; önce demliğe biraz su dökün.", [21, 26]),
    ("تغلي الغلاية عند مئة درجة؛ صب أولا قليلا من الماء في الإبريق.", [24, 39]),
    ("הקומקום רותח במאה מעלות; מזגו קודם מעט מים לתוך הקנקן.", [22, 56]),
    ("केतली सौ डिग्री पर उबलती है; पहले बर्तन में थोड़ा पानी डालें।", [21, 60]),
    ("กาน้ำเดือดที่หนึ่งร้อยองศา เทน้ำลงในกาเล็กน้อยก่อน", [23, 47]),
    ("Ấm nước sôi ở một trăm độ; trước tiên hãy rót một ít nước vào bình.", [22, 39]),
    ("やかんは百度で沸騰します。まず少しのお湯を急須に注いでください。", [27, 35]),
    ("水壶在一百度沸腾；先把一点水倒进茶壶里。", [21, 29]),
    ("주전자는 백 도에서 끓습니다. 먼저 찻주전자에 물을 조금 부으세요.", [23, 36]),
];

#[test]
fn every_language_is_counted_as_by_the_public_tokenizers() {
    for (text, [o200k, cl100k]) in TONGUES {
        for (model, public) in [("gpt-5", o200k), ("gpt-4o", o200k), ("gpt-4", cl100k)] {
            assert_eq!(count("openai", model, text).tokens, *public, "{model}: {text}");
        }
    }
}

/// What docs/tokens.md says of models without a public tokenizer holds of every language: the estimate is the
/// share of the stand-in's count that it says, and the margin is on top.
#[test]
fn every_language_is_estimated_with_the_margin_that_is_stated() {
    for (text, [o200k, cl100k]) in TONGUES {
        for (model, base, percent, margin) in [
            ("claude-sonnet-4-5", cl100k, 115, 20),
            ("claude-opus-5", cl100k, 150, 45),
            ("gemini-2.5-pro", o200k, 110, 20),
            ("deepseek-chat", cl100k, 105, 15),
            ("llama-3.3-70b", cl100k, 100, 20),
        ] {
            let counted = count("", model, text);
            assert_eq!(counted.tokens, (base * percent).div_ceil(100), "{model}: {text}");
            let most = (counted.tokens * (100 + margin)).div_ceil(100);
            assert_eq!((counted.method.margin_percent(), counted.at_most()), (margin, most));
        }
    }
}

#[test]
fn counts_are_those_of_the_published_tokenizer() {
    for (text, expected) in KNOWN {
        let found: Vec<u64> =
            Vocabulary::ALL.iter().map(|vocabulary| vocabulary.count(text)).collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn long_counts_are_those_of_the_published_tokenizer() {
    for (part, times, expected) in REPEATED {
        let text = part.repeat(*times);
        let found: Vec<u64> =
            Vocabulary::ALL[..3].iter().map(|vocabulary| vocabulary.count(&text)).collect();
        assert_eq!(found, expected, "{part:?} {times} times");
    }
}

#[test]
fn estimates_are_a_part_of_the_stand_ins_count_with_a_margin() {
    // model, text, tokens, at most, framing
    for (model, text, tokens, at_most, framing) in [
        ("claude-sonnet-4-5", "", 0, 0, 7),
        ("claude-sonnet-4-5", "Hello, world!", 5, 6, 7),
        ("claude-opus-5", "Hello, world!", 6, 9, 11),
        ("gemini-2.5-pro", "1234567890", 10, 12, 1),
        ("gemini-2.5-pro", "ten 1234567890", 14, 17, 1),
        ("deepseek-chat", "1234567890", 5, 6, 32),
        ("gpt-5", "1234567890", 4, 4, 7),
        ("text-davinci-003", "1234567890", 4, 4, 0),
        ("grok-4", "a", 1, 2, 32),
    ] {
        let count = count("", model, text);
        let found = (count.tokens, count.at_most(), count.framing_tokens);
        assert_eq!(found, (tokens, at_most, framing), "{model} {text:?}");
    }
}

#[test]
fn an_exact_count_has_no_margin() {
    let count = count("openai", "gpt-4o", "hello world");
    assert_eq!((count.method.name(), count.method.margin_percent()), ("exact", 0));
    assert_eq!(count.unframed(), Count { framing_tokens: 0, ..count });
}

/// Texts that a tokenizer of quadratic time, or one that recurses, would not live to see the end of.
#[test]
fn a_megabyte_of_anything_is_counted() {
    const BYTES: usize = 1 << 20;
    // What is repeated, and how many tokens of o200k_base the whole is.
    for (part, expected) in [
        ("a", 131_072),
        ("A", 131_072),
        (" ", 8_192),
        ("\n", 65_536),
        ("^", 131_072),
        ("0", 349_526),
        ("\t ", 524_288),
        ("aA", 524_289),
        ("中", 349_525),
        ("ab \u{a0}", 629_144),
    ] {
        let text = part.repeat(BYTES / part.len());
        assert_eq!(Vocabulary::O200kBase.count(&text), expected, "{part:?}");
    }
}

proptest! {
    #[test]
    fn no_text_is_more_tokens_than_bytes(text in any::<String>(), model in 0..MODELS.len()) {
        let count = count("", MODELS[model], &text);
        let bytes = u64::try_from(text.len()).unwrap();
        prop_assert!(count.tokens <= bytes);
        prop_assert!(count.tokens > 0 || text.is_empty());
        prop_assert!(count.at_most() >= count.tokens);
    }

    #[test]
    fn any_name_has_a_family(provider in any::<String>(), model in any::<String>()) {
        prop_assert!(count(&provider, &model, "hello world").tokens >= 2);
    }

    #[test]
    fn special_tokens_are_text(before in "[a-z ]{0,8}", name in "(endoftext|im_start|fim_prefix)") {
        let text = format!("{before}<|{name}|>");
        for vocabulary in Vocabulary::ALL {
            prop_assert!(vocabulary.count(&text) >= 4);
        }
    }
}

const MODELS: &[&str] = &[
    "gpt-5",
    "gpt-4",
    "text-davinci-003",
    "davinci",
    "claude-3-opus",
    "claude-opus-5",
    "gemini-3",
];
