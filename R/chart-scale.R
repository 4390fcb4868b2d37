# Axes of probabilities that fit what they show: those of a rare event are all next to 0.

# Of the fitted probabilities: logarithmic where nearly all are small and they differ more than tenfold, logit where that holds of what
# they lack to 1, else as they are.
probability_scale <- function(rows) {
  bounds <- weighted_bounds(rows$probability, rows$weight)
  is_wide <- function(share) share[2] < 0.3 && share[2] > 10 * share[1]
  if (is_wide(bounds)) "log" else if (is_wide(rev(1 - bounds))) "logit" else "identity"
}

# What lies between the lowest and the highest hundredth of the weight.
weighted_bounds <- function(values, weight, tail = 0.01) {
  place <- order(values)
  upto <- cumsum(weight[place]) / sum(weight)
  values[place][c(which(upto >= tail)[1], which(upto >= 1 - tail - 1e-12)[1])]
}

# How values go onto an axis and back, and where it has ticks within a range.
axis_scale <- function(scale) {
  switch(scale,
    identity = list(to = identity, from = identity, ticks = function(range) pretty(range, 5), suffix = ""),
    log = list(to = log10, from = function(u) 10^u, suffix = ", log scale", ticks = function(range) {
      ticks <- grDevices::axisTicks(log10(range), log = TRUE, nint = 5)
      if (length(ticks) > 8) 10^pretty(log10(range), 4) else ticks
    }),
    logit = list(to = qlogis, from = plogis, suffix = ", logit scale", ticks = logit_ticks)
  )
}

probability_labels <- function(ticks) {
  vapply(ticks, function(tick) format(signif(tick, 10), digits = 10, scientific = tick > 0 && tick < 1e-4), "")
}

# Of 0.001, 0.01, 0.05, 0.1, 0.25, 0.5 and so on, the rounder ones where they would be many.
logit_ticks <- function(range) {
  within <- function(low) Filter(function(tick) tick >= range[1] & tick <= range[2], sort(c(low, 0.5, 1 - low)))
  few <- 10^-(1:9)
  many <- c(few, 0.02, 0.05, 0.25)
  ticks <- within(many)
  if (length(ticks) > 8) within(few) else ticks
}
