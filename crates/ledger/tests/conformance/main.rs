//! What every ledger must do, run over each of them; and what the SQLite one must do besides.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod homes;
mod samples;

// Run over every ledger.
mod alerts;
mod appending;
mod calendar;
mod feedback;
mod finding;
mod journals;
mod keys;
mod prices;
mod random;
mod reporting;
mod rules;
mod secrets;
mod verifying;

// The SQLite ledger's own.
mod sqlite_costs;
mod sqlite_files;
mod sqlite_migrations;
mod sqlite_tampering;
mod sqlite_transactions;

// The thread that writes for many.
mod writer;
mod writer_killed;

/// Runs each of these functions over a new ledger of every kind.
macro_rules! over_every_ledger {
    ($($subject:ident { $($promise:ident,)+ })+) => {
        over_every_ledger! { @kind memory $($subject { $($promise,)+ })+ }
        over_every_ledger! { @kind sqlite $($subject { $($promise,)+ })+ }
    };
    (@kind $kind:ident $($subject:ident { $($promise:ident,)+ })+) => {
        mod $kind {
            $(mod $subject {
                $(
                    #[test]
                    fn $promise() {
                        crate::$subject::$promise(&mut *crate::homes::$kind());
                    }
                )+
            })+
        }
    };
}

over_every_ledger! {
    appending {
        what_went_in_comes_out,
        the_same_again_is_known,
        an_assumed_time_is_not_compared,
        other_content_under_one_identity_is_refused,
        a_batch_knows_its_own_entries,
        an_empty_batch_is_nothing,
        an_id_is_unique_within_its_source_alone,
    }
    finding {
        an_id_finds_every_entry_it_can_mean,
        adjustments_come_in_the_order_they_were_made,
        pages_follow_one_another_without_gap_or_repeat,
        a_page_after_an_unknown_entry_is_what_is_older,
        conditions_select,
        the_largest_page_holds_everything,
        thousands_of_names_can_be_asked_for,
        attempts_are_visited_oldest_first_with_their_adjustments,
        a_visit_can_end_early,
    }
    journals {
        a_mark_comes_with_its_entries_and_never_goes_back,
        marks_come_without_entries_and_entries_without_marks,
    }
    rules {
        rules_come_out_as_they_were_set,
        what_is_set_aside_is_found_again,
        what_was_written_is_told_in_order,
    }
    keys {
        keys_come_out_as_they_went_in,
        a_name_is_one_keys_until_it_is_revoked,
        a_change_leaves_what_a_key_is_bound_to,
        a_revoked_key_stays_revoked,
        every_change_has_a_revision,
    }
    alerts {
        an_alert_is_raised_once_a_window,
        messages_go_out_in_order_and_once,
        a_digest_is_made_once,
    }
    secrets {
        a_secret_is_drawn_once,
    }
    reporting {
        no_entries_are_one_group_of_nothing,
        sums_are_those_of_pen_and_paper,
        charges_of_millions_add_up_beyond_64_bits,
        an_adjustment_counts_in_the_money_and_not_in_the_requests,
        dates_and_hours_are_those_of_the_zone,
        what_has_no_value_is_a_group_of_its_own,
        windows_are_half_open,
    }
    prices {
        revisions_come_out_as_they_went_in,
        only_the_next_revision_is_kept,
        revisions_that_cannot_be_read_are_named,
    }
    feedback {
        the_last_score_counts,
        only_attempts_have_scores,
        scores_add_up_in_any_grouping,
    }
    verifying {
        a_sound_ledger_has_no_differences,
        what_does_not_add_up_is_named,
        an_adjustment_of_nothing_is_named,
        adjustments_that_do_not_fit_are_named,
        progress_counts_every_entry,
    }
}
