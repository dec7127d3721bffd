//! `prices diff`: two price files of any kind.

use std::io::Write;

use tempfile::TempDir;

use crate::{centime, write};

const OLD: &str = r#"{
    "mini": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-06},
    "big": {"litellm_provider": "acme", "mode": "chat",
        "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
        "cache_read_input_token_cost": 3e-07},
    "zoo/same": {"litellm_provider": "zoo", "input_cost_per_token": 2e-06},
    "zoo/late": {"litellm_provider": "zoo", "input_cost_per_token": 0.0}
}"#;

const NEW: &str = r#"{
    "big": {"litellm_provider": "acme", "mode": "chat",
        "input_cost_per_token": 2e-06, "output_cost_per_token": 2e-05,
        "input_cost_per_token_batches": 1e-06},
    "huge": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 3e-05,
        "output_cost_per_token": 6e-05, "input_cost_per_token_above_200k_tokens": 4e-05},
    "zoo/same": {"litellm_provider": "zoo", "input_cost_per_token": 2e-06},
    "zoo/late": {"litellm_provider": "zoo", "input_cost_per_token": 1e-06}
}"#;

fn two_maps() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "old.json", OLD);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(NEW.as_bytes()).unwrap();
    write(&folder, "new.json.gz", packer.finish().unwrap());
    folder
}

#[test]
fn a_difference_reads_as_a_changelog() {
    let folder = two_maps();
    let diff = ["prices", "diff", "old.json", "new.json.gz", "--at", "2026-11-01"];
    let (code, out, err) = centime(folder.path(), &diff);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(
        out,
        "\
1 added, 1 removed, 2 changed, 1 unchanged
old.json → new.json.gz, at 2026-11-01

acme: 1 added, 1 removed, 1 changed
  + huge  input $30/1M, output $60/1M, 1 more rate
  - mini  was input $1/1M
  ~ big
      input         $3/1M → $2/1M (-33.3%)
      input, batch  new, $1/1M
      cache_read    gone, was $0.3/1M
      output        $15/1M → $20/1M (+33.3%)

zoo: 1 changed
  ~ late
      input  free → $1/1M
"
    );
    let (_, csv, _) = centime(folder.path(), &[&diff[..], &["--format", "csv"]].concat());
    assert_eq!(
        csv,
        "\
change,provider,model,mode,meter,tier,above_input_tokens,hours,options,region,from,to,percent
added,acme,huge,chat,input,standard,0,,,,,0.00003,
added,acme,huge,chat,input,standard,200000,,,,,0.00004,
added,acme,huge,chat,output,standard,0,,,,,0.00006,
removed,acme,mini,chat,input,standard,0,,,,0.000001,,
changed,acme,big,chat,input,standard,0,,,,0.000003,0.000002,-33.3
changed,acme,big,chat,input,batch,0,,,,,0.000001,
changed,acme,big,chat,cache_read,standard,0,,,,0.0000003,,
changed,acme,big,chat,output,standard,0,,,,0.000015,0.00002,33.3
changed,zoo,late,chat,input,standard,0,,,,0,0.000001,
"
    );
    let (_, json, _) = centime(folder.path(), &[&diff[..], &["--format", "json"]].concat());
    for expected in [
        "\"at\":\"2026-11-01T00:00:00Z\",\"added\":1,\"removed\":1,\"changed\":2,\"unchanged\":1",
        "\"model\":\"big\",\"mode\":\"chat\",\"change\":\"changed\",\"rates\":[{\"meter\":\"input\",\
         \"unit\":\"token\",\"tier\":\"standard\",\"above_input_tokens\":0,\"hours\":null,\
         \"options\":{},\"from\":0.000003,\"to\":0.000002,\"percent\":-33.3}",
    ] {
        assert!(json.contains(expected), "{json}");
    }
}

#[test]
fn a_difference_is_that_of_the_moment_asked_for() {
    let folder = two_maps();
    write(
        &folder,
        "own.prices",
        "provider acme\n\nmodel big chat until=2026-09-01\n from 2024-01-01 exact x\n  \
         input 3/1M\n  cache_read 0.3/1M\n  output 15/1M\n from 2026-01-01 exact x\n  input 1/1M\n\n\
         model mini chat\n from 2024-01-01 exact x\n  input 1/1M\n",
    );
    write(
        &folder,
        "genai.json",
        r#"[{"id": "acme", "models": [
            {"id": "big", "prices": {"input_mtok": 3, "cache_read_mtok": 0.2, "output_mtok": 15}},
            {"id": "tiny", "match": {"starts_with": "min"}, "prices": {"input_mtok": 1}}
        ]}]"#,
    );
    for (args, expected) in [
        (["old.json", "old.json", "2026-11-01"], "no model changed, 4 are the same"),
        (["embedded", "embedded", "2026-11-01"], "no model changed, "),
        (["old.json", "own.prices", "2025-01-01"], "2 removed, 2 unchanged"),
        (["old.json", "own.prices", "2026-02-01"], "2 removed, 1 changed, 1 unchanged"),
        (["genai.json", "own.prices", "2025-01-01"], "1 removed, 1 changed, 1 unchanged"),
        // By then `big` was sold no more.
        (["old.json", "own.prices", "2026-11-01"], "3 removed, 1 unchanged"),
    ] {
        let [old, new, at] = args;
        let (code, out, err) = centime(folder.path(), &["prices", "diff", old, new, "--at", at]);
        assert_eq!(code, Some(0), "{args:?}: {err}");
        assert!(out.starts_with(expected), "{args:?}: {out}");
    }
}
