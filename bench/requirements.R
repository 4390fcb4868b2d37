# What must show. A requirement is its text and `measure(results)`, which reads the results of
# its workload and returns the figure, as text, and whether that meets it (NA: nothing to compare with).

new_requirement <- function(text, measure) list(text = text, measure = measure)

at_least <- function(ratio, times) list(figure = as_figure(ratio), met = ratio >= times)

at_most <- function(value, limit) list(figure = as_figure(value), met = value <= limit)

faster_than_glm <- function(times, text = sprintf("%gx glm()", times)) {
  new_requirement(text, function(results) at_least(seconds_of(results, "glm") / seconds_of(results, "glmpp"), times))
}

one_thread_faster_than_glm <- function(times) {
  new_requirement(sprintf("%gx glm() with one thread", times), function(results) {
    at_least(seconds_of(results, "glm") / seconds_of(results, "glmpp, 1 thread"), times)
  })
}

faster_than_formula_peers <- function(times) {
  new_requirement(sprintf("%gx the fastest formula peer", times), function(results) {
    at_least(best_peer(results, results$interface == "formula")$seconds / seconds_of(results, "glmpp"), times)
  })
}

faster_than_matrix_peers <- function(times) {
  new_requirement(sprintf("%gx the fastest matrix peer with SE", times), function(results) {
    eligible <- results$interface == "matrix" & results$standard_errors
    at_least(best_peer(results, eligible)$seconds / seconds_of(results, "glmpp"), times)
  })
}

faster_than_all_peers <- function(times) {
  new_requirement(sprintf("%gx the fastest peer of any kind", times), function(results) {
    at_least(best_peer(results, results$interface != "kernel")$seconds / seconds_of(results, "glmpp"), times)
  })
}

faster_than_full_peers <- function(times) {
  new_requirement(sprintf("%gx the fastest peer with these coefficients and SE", times), function(results) {
    at_least(best_peer(results, results$standard_errors)$seconds / seconds_of(results, "glmpp"), times)
  })
}

faster_than <- function(peer, times) {
  new_requirement(sprintf("%gx %s", times, peer), function(results) {
    at_least(seconds_of(results, peer) / seconds_of(results, "glmpp"), times)
  })
}

under_seconds <- function(limit) {
  new_requirement(sprintf("under %g s", limit), function(results) at_most(seconds_of(results, "glmpp"), limit))
}

under_memory <- function(megabytes, text = sprintf("at most %g MB beyond the data", megabytes)) {
  new_requirement(text, function(results) at_most(value_of(results, "glmpp", "megabytes"), megabytes))
}

less_memory_than_glm <- function(share) {
  new_requirement(sprintf("at most %g of glm()'s", share), function(results) {
    at_most(value_of(results, "glmpp", "megabytes") / value_of(results, "glm", "megabytes"), share)
  })
}

near_dsyrk <- function(times) {
  new_requirement(sprintf("at most %gx its time", times), function(results) {
    at_most(seconds_of(results, "glmpp, 1 thread") / seconds_of(results, "OpenBLAS dsyrk"), times)
  })
}

faster_than_one_thread <- function(times) {
  new_requirement(sprintf("%gx", times), function(results) {
    at_least(seconds_of(results, "glmpp, 1 thread") / seconds_of(results, "glmpp"), times)
  })
}

agrees_with <- function(peer, tolerance) {
  new_requirement(sprintf("equal to %s to %g", peer, tolerance), function(results) {
    at_most(value_of(results, peer, "difference_from_glmpp"), tolerance)
  })
}

# Results ----------------------------------------------------------------------

value_of <- function(results, fitter, column) {
  value <- results[[column]][results$fitter == fitter]
  if (length(value)) value else NA_real_
}

seconds_of <- function(results, fitter) value_of(results, fitter, "seconds")

# The fastest fit, by others than glm() and glmpp, among `eligible` rows of the results.
best_peer <- function(results, eligible) {
  peers <- results[eligible & !is_own(results$fitter) & !is.na(results$seconds), ]
  if (nrow(peers) == 0) return(list(fitter = NA_character_, seconds = NA_real_))
  peers[which.min(peers$seconds), ]
}

is_own <- function(fitter) grepl("^glmpp|^glm$", fitter)

as_figure <- function(value) {
  if (is.na(value)) return("not measured")
  if (value >= 100) format(round(value), big.mark = ",") else format(signif(value, 3), digits = 3)
}
