//! Phrases that tell by themselves: the markup of chats, roles, and scripts without spaces between words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use super::Suspicion;

/// Markup of chat formats. Case matters.
const MARKUP: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "<|assistant|>",
    "<|endoftext|>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "### Instruction",
    "### System",
    "### Assistant",
    "<system>",
    "</system>",
    "<system_prompt>",
    "</tool_result>",
    "</function_results>",
    "<tool_call>",
    "BEGIN SYSTEM",
    "[SYSTEM]",
    "{{system}}",
    "[[SYSTEM",
];

/// Phrases, each with its rule and weight; the case of Latin letters does not matter.
#[rustfmt::skip]
const PHRASES: &[(&str, &str, u32)] = &[
    ("you are now", "new_role", 3), ("from now on you", "new_role", 3), ("from now on, you", "new_role", 3),
    ("pretend to be", "new_role", 2), ("pretend you are", "new_role", 3), ("pretend that you", "new_role", 3),
    ("act as if you", "new_role", 2), ("you will act as", "new_role", 3), ("your new role", "new_role", 3),
    ("your new task", "new_role", 3), ("your real task", "new_role", 3), ("your new instructions", "new_role", 3),
    ("new system prompt", "new_role", 3), ("new instructions:", "new_role", 3), ("du bist jetzt", "new_role", 3),
    ("tu es maintenant", "new_role", 3), ("ahora eres", "new_role", 3), ("ora sei", "new_role", 2),
    ("agora você é", "new_role", 3), ("теперь ты", "new_role", 3), ("Теперь ты", "new_role", 3),
    ("jailbreak", "jailbreak", 2), ("developer mode", "jailbreak", 2), ("do anything now", "jailbreak", 3),
    ("dan mode", "jailbreak", 3), ("god mode", "jailbreak", 1), ("no longer bound", "jailbreak", 3),
    ("without any restrictions", "jailbreak", 2), ("unrestricted ai", "jailbreak", 3),
    ("if you are an ai", "address_model", 3), ("if you're an ai", "address_model", 3),
    ("if you are a language model", "address_model", 3), ("as an ai", "address_model", 1),
    ("attention ai", "address_model", 3), ("note to ai", "address_model", 3), ("note for ai", "address_model", 3),
    ("dear ai", "address_model", 3), ("hey ai", "address_model", 3), ("ai agent:", "address_model", 2),
    ("ai assistants reading", "address_model", 3), ("instructions for the ai", "address_model", 3),
    ("instructions for the assistant", "address_model", 3), ("instruction to the model", "address_model", 3),
    ("language model", "address_model", 1), ("stop what you", "override", 1), ("instead, ", "instead", 1),
    ("respond only with", "dictated_answer", 2), ("reply only with", "dictated_answer", 2),
    ("answer only with", "dictated_answer", 2), ("your answer must", "dictated_answer", 2),
    ("your response must", "dictated_answer", 2), ("begin your response", "dictated_answer", 2),
    ("repeat the words above", "reveal_prompt", 3), ("repeat everything above", "reveal_prompt", 3),
    ("忽略之前", "override", 3), ("忽略以上", "override", 3), ("忽略所有", "override", 3), ("忽略先前", "override", 3),
    ("无视之前", "override", 3), ("無視之前", "override", 3), ("忽略前面", "override", 3), ("系统提示", "reveal_prompt", 3),
    ("你现在是", "new_role", 3), ("指示を無視", "override", 3), ("命令を無視", "override", 3),
    ("あなたは今", "new_role", 3), ("지시를 무시", "override", 3), ("지침을 무시", "override", 3),
    ("명령을 무시", "override", 3), ("تجاهل التعليمات", "override", 3), ("تجاهل جميع", "override", 3),
    ("पिछले निर्देशों", "override", 3),
];

pub(super) fn look(text: &str, suspicion: &mut Suspicion) {
    let Some(needles) = &*NEEDLES else { return };
    for found in needles.find_overlapping_iter(text) {
        let place = found.pattern().as_usize();
        match PHRASES.get(place) {
            Some((_, rule, weight)) => suspicion.add(rule, *weight),
            None if MARKUP.contains(&&text[found.range()]) => suspicion.add("chat_markup", 3),
            None => {}
        }
    }
    if text.lines().any(is_turn) {
        suspicion.add("chat_turn", 2);
    }
}

/// The phrases, then the markup, whose case is looked at afterwards. Never absent: the list is small and constant.
static NEEDLES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().map(|(phrase, _, _)| *phrase);
    AhoCorasickBuilder::new().ascii_case_insensitive(true).build(phrases.chain(MARKUP.iter().copied())).ok()
});

/// A line that begins like a turn of a chat.
fn is_turn(line: &str) -> bool {
    let line = line.trim_start_matches(['*', '#', '>', ' ', '-']);
    let begins = |turn: &&str| line.get(..turn.len()).is_some_and(|head| head.eq_ignore_ascii_case(turn));
    ["system:", "assistant:", "system message:", "system prompt:"].iter().any(begins)
}
