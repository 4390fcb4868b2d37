# Every chart, drawn both ways.

fit <- glmpp(am ~ wt + hp, binomial, mtcars)
charts <- list(
  coefficient_intervals(fit), coefficient_intervals(fit, exponentiate = TRUE), coefficient_recovery(fit, c(18, -8, 5)),
  calibration_bins(fit, bins = 4), roc_points(fit), residual_bins(fit), quantile_residuals(fit),
  likelihood_surface(fit, coefficients = 2:3, size = 7), lift_bins(fit, bins = 4), gain_curve(fit),
  gain_curve(a = fit, b = update(fit, . ~ hp)),
  double_lift_bins(fit, update(fit, . ~ hp), bins = 3), relativities(glmpp(breaks ~ wool + tension, poisson, warpbreaks)),
  roc_points(a = fit, b = update(fit, . ~ hp)), threshold_table(fit, cost = c(false_positive = 1, false_negative = 2)),
  calibration_bins(fit, bins = 4, scale = "log"), calibration_bins(fit, bins = 4, scale = "logit", by = "events")
)

# What a plot is meant to change: it describes the page and the last figure.
lasting_par <- function() {
  par <- par(no.readonly = TRUE)
  par[setdiff(names(par), c("new", "fig", "mfg", "usr", "plt", "pin", "xaxp", "yaxp", "xlog", "ylog"))]
}

test_that("constructors open no device", {
  before <- dev.list()
  calibration_bins(fit)
  likelihood_surface(fit, size = 3)
  coefficient_intervals(fit)
  expect_identical(dev.list(), before)
})

test_that("plot() leaves par() and the devices as they were, also among several figures", {
  pdf(NULL)
  on.exit(dev.off())
  par(mfrow = c(2, 2), mar = c(3, 3, 2, 1))
  before <- lasting_par()
  devices <- dev.list()
  for (chart in charts) {
    expect_silent(plot(chart))
    expect_identical(lasting_par(), before, info = chart$title)
  }
  expect_silent(plot(quantile_residuals(fit), type = "fitted"))
  expect_silent(plot(roc_points(fit), main = "my title", xlab = "my label"))
  expect_identical(dev.list(), devices)
})

test_that("autoplot() makes ggplots that can be built", {
  skip_if_not_installed("ggplot2")
  pdf(NULL)
  on.exit(dev.off())
  for (chart in charts) {
    drawing <- ggplot2::autoplot(chart)
    expect_s3_class(drawing, "ggplot")
    expect_silent(ggplot2::ggplot_build(drawing))
    expect_identical(drawing$labels$title, chart$title)
  }
  expect_s3_class(ggplot2::autoplot(quantile_residuals(fit), type = "fitted"), "ggplot")
})

test_that("a chart prints its title, its notes and its first rows, and gives its data", {
  chart <- roc_points(fit)
  printed <- capture.output(print(chart, most = 2))
  expect_identical(printed[1], chart$title)
  expect_match(printed, "13 successes, 19 failures", all = FALSE)
  expect_match(printed, sprintf("and %d more rows", nrow(chart$data) - 2), all = FALSE)
  expect_identical(as.data.frame(chart), chart$data)
})

test_that("charts of a glm are those of a glmpp", {
  plain <- glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-14)
  for (make in list(coefficient_intervals, calibration_bins, roc_points, residual_bins, quantile_residuals)) {
    expect_equal(make(plain)$data, make(fit)$data, tolerance = 1e-5)
  }
})

test_that("plot() of a fit stays plot.lm()'s", {
  picture <- function(fit) {
    file <- tempfile(fileext = ".ps")
    on.exit(unlink(file))
    postscript(file, title = "")
    plot(fit, which = 1:6, sub.caption = "")
    dev.off()
    lines <- readLines(file)
    lines[!grepl("Date|Title", lines)]
  }
  expect_identical(picture(fit), picture(glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-14)))
})

test_that("a fit that did not keep its response or frame has the same charts", {
  lean <- glmpp(am ~ wt + hp, binomial, mtcars, y = FALSE, model = FALSE)
  for (make in list(calibration_bins, roc_points, residual_bins, quantile_residuals)) {
    expect_equal(make(lean)$data, make(fit)$data)
  }
})

test_that("a lean fit has the charts that it can have, and says what it lacks for the others", {
  rows <- glmpp(am ~ wt + hp, binomial, mtcars, keep = "rows", trace = TRUE)
  expect_equal(residual_bins(rows)$data, residual_bins(fit)$data)
  expect_error(likelihood_surface(rows), "`model`", class = "glmpp_error_left_out")
  expect_equal(convergence_trace(rows)$optimum, deviance(fit))
  summary_only <- glmpp(am ~ wt + hp, binomial, mtcars, keep = "summary")
  expect_equal(coefficient_intervals(summary_only)$data, coefficient_intervals(fit)$data)
  expect_equal(roc_points(summary_only, mtcars)$auc, roc_points(fit)$auc)
  expect_error(roc_points(summary_only), "`fitted.values`", class = "glmpp_error_left_out")
})

test_that("degenerate fits are drawn, or refused with the reason", {
  pdf(NULL)
  on.exit(dev.off())
  draw <- function(chart) {
    plot(chart)
    if (requireNamespace("ggplot2", quietly = TRUE)) ggplot2::ggplot_build(ggplot2::autoplot(chart))
  }
  constant <- glmpp(am ~ 1, binomial, mtcars)
  for (make in list(calibration_bins, roc_points, residual_bins, quantile_residuals)) expect_silent(draw(make(constant)))
  perfect <- suppressWarnings(glmpp(y ~ x, gaussian, data.frame(x = 1:5, y = 2 * (1:5))))
  saturated <- glmpp(y ~ factor(x), gaussian, data.frame(x = 1:4, y = c(1, 3, 2, 5)))
  for (make in list(residual_bins, quantile_residuals, likelihood_surface)) {
    expect_error(make(perfect), class = "glmpp_error_dispersion")
    expect_error(make(saturated), class = "glmpp_error_dispersion")
  }
  expect_silent(draw(coefficient_intervals(saturated)))
})

test_that("of very many rows the ends are drawn in full, in order and once", {
  rows <- glmpp:::drawn_rows(1e5)
  expect_lt(length(rows), 4001)
  expect_identical(rows, sort(unique(rows)))
  expect_equal(rows[1:500], 1:500)
  expect_equal(utils::tail(rows, 500), 99501:100000)
  expect_equal(glmpp:::drawn_rows(10), 1:10)
})
