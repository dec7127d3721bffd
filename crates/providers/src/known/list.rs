//! The list itself, a line a provider.
//!
//! Addresses and variables are those that the providers' own libraries read where they have one:
//! `openai` 6.49, `@anthropic-ai/sdk` 1.12, `@google/genai` 2.32 (which asks for `GOOGLE_API_KEY` first;
//! here it is second, because it may be for Google's maps), `groq-sdk` 1.6,
//! `@cerebras/cerebras_cloud_sdk` 1.91, `together-ai` 0.52, `@perplexity-ai/perplexity_ai` 0.38,
//! `sambanova` 1.4, `cohere-ai` 8.1, `@mistralai/mistralai` 2.7 and `fireworks-ai` 1.2, as published in
//! November 2026; of Azure and Bedrock
//! <https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle> and
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html>; of the others what
//! their documentation, `litellm` 1.109 and, where there is one, the `@ai-sdk/*` package say.
//!
//! Who refuses to be asked for usage: Mistral answers 422 (it tells usage unasked), and
//! Perplexity, Cohere and AI21 do not list `stream_options` among what they take.

use super::{BaseUrlVariable, Credential, Known, Wire};

/// One that speaks as OpenAI does.
const fn openai(
    name: &'static str,
    base_url: &'static str,
    key_variables: &'static [&'static str],
    base_url_variables: &'static [BaseUrlVariable],
) -> Known {
    Known {
        name,
        wire: Wire::OpenAi,
        base_url: Some(base_url),
        key_variables,
        base_url_variables,
        credential: Credential::Bearer,
        asks_usage: true,
    }
}

/// One that speaks a wire of its own.
const fn own(wire: Wire, known: Known) -> Known {
    Known { wire, credential: wire.credential(), asks_usage: false, ..known }
}

/// One whose streams are not to be asked for their usage.
const fn unasked(known: Known) -> Known {
    Known { asks_usage: false, ..known }
}

const fn var(name: &'static str, path: &'static str) -> BaseUrlVariable {
    BaseUrlVariable { name, path }
}

#[rustfmt::skip]
pub(super) static LIST: &[Known] = &[
    openai("openai", "https://api.openai.com/v1", &["OPENAI_API_KEY"], &[var("OPENAI_BASE_URL", "")]),
    own(Wire::Anthropic, openai("anthropic", "https://api.anthropic.com", &["ANTHROPIC_API_KEY"], &[var("ANTHROPIC_BASE_URL", "")])),
    own(Wire::Gemini, openai("gemini", "https://generativelanguage.googleapis.com", &["GEMINI_API_KEY", "GOOGLE_API_KEY"], &[var("GEMINI_BASE_URL", ""), var("GOOGLE_GEMINI_BASE_URL", "")])),

    // Makers of models.
    unasked(openai("mistral", "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"], &[])),
    unasked(openai("codestral", "https://codestral.mistral.ai/v1", &["CODESTRAL_API_KEY"], &[])),
    openai("deepseek", "https://api.deepseek.com", &["DEEPSEEK_API_KEY"], &[]),
    openai("xai", "https://api.x.ai/v1", &["XAI_API_KEY"], &[]),
    unasked(openai("cohere", "https://api.cohere.com/compatibility/v1", &["COHERE_API_KEY", "CO_API_KEY"], &[])),
    unasked(openai("perplexity", "https://api.perplexity.ai", &["PERPLEXITY_API_KEY"], &[var("PERPLEXITY_BASE_URL", "")])),
    unasked(openai("ai21", "https://api.ai21.com/studio/v1", &["AI21_API_KEY"], &[])),
    openai("moonshot", "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY"], &[]),
    openai("minimax", "https://api.minimax.io/v1", &["MINIMAX_API_KEY"], &[]),
    openai("zai", "https://api.z.ai/api/paas/v4", &["ZAI_API_KEY"], &[]),
    openai("dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", &["DASHSCOPE_API_KEY"], &[]),
    openai("meta", "https://api.meta.ai/v1", &["META_API_KEY"], &[]),
    openai("inception", "https://api.inceptionlabs.ai/v1", &["INCEPTION_API_KEY"], &[]),
    openai("morph", "https://api.morphllm.com/v1", &["MORPH_API_KEY"], &[]),
    openai("v0", "https://api.v0.dev/v1", &["V0_API_KEY"], &[]),
    openai("xiaomi_mimo", "https://api.xiaomimimo.com/v1", &["XIAOMI_MIMO_API_KEY"], &[]),
    openai("voyage", "https://api.voyageai.com/v1", &["VOYAGE_API_KEY"], &[]),
    openai("jina_ai", "https://api.jina.ai/v1", &["JINA_API_KEY"], &[]),

    // Those that serve models of many makers.
    openai("openrouter", "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"], &[]),
    openai("groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"], &[var("GROQ_BASE_URL", "/openai/v1")]),
    openai("together_ai", "https://api.together.ai/v1", &["TOGETHER_API_KEY"], &[var("TOGETHER_BASE_URL", "")]),
    openai("fireworks_ai", "https://api.fireworks.ai/inference/v1", &["FIREWORKS_API_KEY"], &[var("FIREWORKS_BASE_URL", "/v1")]),
    openai("cerebras", "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"], &[var("CEREBRAS_BASE_URL", "/v1")]),
    openai("sambanova", "https://api.sambanova.ai/v1", &["SAMBANOVA_API_KEY"], &[var("SAMBA_NOVA_BASE_URL", "")]),
    openai("deepinfra", "https://api.deepinfra.com/v1/openai", &["DEEPINFRA_API_KEY"], &[]),
    openai("nvidia_nim", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"], &[]),
    openai("baseten", "https://inference.baseten.co/v1", &["BASETEN_API_KEY"], &[]),
    openai("nebius", "https://api.studio.nebius.ai/v1", &["NEBIUS_API_KEY"], &[]),
    openai("novita", "https://api.novita.ai/v3/openai", &["NOVITA_API_KEY"], &[]),
    openai("hyperbolic", "https://api.hyperbolic.xyz/v1", &["HYPERBOLIC_API_KEY"], &[]),
    openai("lambda_ai", "https://api.lambda.ai/v1", &["LAMBDA_API_KEY"], &[]),
    openai("nscale", "https://inference.api.nscale.com/v1", &["NSCALE_API_KEY"], &[]),
    openai("ovhcloud", "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", &["OVHCLOUD_API_KEY"], &[]),
    openai("scaleway", "https://api.scaleway.ai/v1", &["SCW_SECRET_KEY"], &[]),
    openai("friendliai", "https://api.friendli.ai/serverless/v1", &["FRIENDLI_TOKEN"], &[]),
    openai("wandb", "https://api.inference.wandb.ai/v1", &["WANDB_API_KEY"], &[]),
    openai("volcengine", "https://ark.cn-beijing.volces.com/api/v3", &["ARK_API_KEY", "VOLCENGINE_API_KEY"], &[]),
    openai("vercel_ai_gateway", "https://ai-gateway.vercel.sh/v1", &["AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY"], &[]),
    openai("aihubmix", "https://aihubmix.com/v1", &["AIHUBMIX_API_KEY"], &[]),
    openai("gmi", "https://api.gmi-serving.com/v1", &["GMI_API_KEY"], &[]),
    openai("crusoe", "https://api.inference.crusoecloud.com/v1", &["CRUSOE_API_KEY"], &[]),
    openai("publicai", "https://api.publicai.co/v1", &["PUBLICAI_API_KEY"], &[]),

    // Clouds: where they are depends on the customer.
    Known {
        base_url: None,
        credential: Credential::ApiKey,
        ..openai("azure", "", &["AZURE_OPENAI_API_KEY"], &[var("AZURE_OPENAI_ENDPOINT", "/openai/v1")])
    },
    own(Wire::Bedrock, openai("bedrock", "https://bedrock-runtime.{AWS_REGION}.amazonaws.com", &["AWS_BEARER_TOKEN_BEDROCK"], &[var("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "")])),

    // On one's own machine, without a key.
    openai("ollama", "http://localhost:11434/v1", &[], &[]),
];
