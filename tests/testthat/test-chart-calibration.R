set.seed(5)
d <- data.frame(x = rnorm(200))
d$y <- rbinom(200, 1, plogis(d$x))
fit <- glmpp(y ~ x, binomial, d)

test_that("bins are those of the ranks, with their means", {
  chart <- calibration_bins(fit, bins = 10)
  bin <- ceiling(rank(fitted(fit)) / 20)
  expect_identical(chart$data$rows, rep(20L, 10))
  expect_equal(chart$data$fitted, as.vector(tapply(fitted(fit), bin, mean)))
  expect_equal(chart$data$observed, as.vector(tapply(d$y, bin, mean)))
  expect_equal(chart$brier, mean((d$y - fitted(fit))^2))
})

test_that("the intervals are prop.test()'s without its correction", {
  chart <- calibration_bins(fit, bins = 7, level = 0.9)
  for (i in seq_len(nrow(chart$data))) {
    bin <- chart$data[i, ]
    theirs <- suppressWarnings(prop.test(bin$observed * bin$weight, bin$weight, conf.level = 0.9, correct = FALSE)$conf.int)
    expect_equal(c(bin$lower, bin$upper), as.vector(theirs), tolerance = 1e-10)
  }
})

test_that("equal probabilities share a bin", {
  chart <- calibration_bins(glmpp(am ~ factor(cyl), binomial, mtcars), bins = 10)
  expect_identical(sort(chart$data$rows), sort(as.vector(table(mtcars$cyl))))
  expect_equal(chart$data$observed, chart$data$fitted, tolerance = 1e-8)
})

test_that("a weight of two equals a row repeated twice", {
  doubled <- glmpp(y ~ x, binomial, d, weights = rep(c(1, 2), 100))
  repeated <- glmpp(y ~ x, binomial, d[rep(1:200, rep(c(1, 2), 100)), ])
  expect_equal(calibration_bins(doubled)$data[-1], calibration_bins(repeated)$data[-1], tolerance = 1e-7)
  expect_equal(calibration_bins(doubled)$histogram, calibration_bins(repeated)$histogram)
})

test_that("the histogram counts every row once, those at one too", {
  chart <- calibration_bins(fit)
  counts <- hist(fitted(fit), seq(0, 1, 0.05), right = FALSE, plot = FALSE)$counts
  expect_equal(chart$histogram$weight, counts)
  certain <- suppressWarnings(glmpp(c(0, 0, 1, 1) ~ c(1, 2, 3, 4), binomial))
  expect_equal(sum(calibration_bins(certain, bins = 2)$histogram$weight), 4)
})

test_that("wrong arguments are refused", {
  expect_error(calibration_bins(fit, bins = 1), "at least 2", class = "glmpp_error_argument")
  expect_error(calibration_bins(fit, level = NA), class = "glmpp_error_argument")
  expect_error(calibration_bins(glmpp(mpg ~ wt, gaussian, mtcars)), class = "glmpp_error_family")
})
