# A credit scorer: rare defaults (simulated), a level that never defaults, discrimination, calibration and a cut-off.
library(glmpp)
set.seed(1)
n <- 40000
loans <- data.frame(income = rlnorm(n, 3, 0.4), age = sample(20:70, n, TRUE), debt = rbeta(n, 2, 5),
                    job = factor(sample(c("clerk", "farmer", "judge", "nurse"), n, TRUE, c(0.5, 0.2, 0.01, 0.29))))
loans$default <- rbinom(n, 1, ifelse(loans$job == "judge", 0, plogis(-4.6 - 0.02 * (loans$income - 20) + 3 * (loans$debt - 0.3))))
train <- loans[seq_len(n / 2), ]
test <- loans[-seq_len(n / 2), ]

# Judges never default: the warning names them, and the fit is not held up by it.
score <- withCallingHandlers(glmpp(default ~ income + age + debt + job, binomial, train),
                             glmpp_warning_separation = function(w) {
                               cat(conditionMessage(w), "\n")
                               invokeRestart("muffleWarning")
                             })
print(score$separation$levels)

# A finite score for them, and variables chosen by a criterion.
finite <- glmpp(default ~ income + age + debt + job, binomial, train, bias_reduction = "mean")
small <- step(glmpp(default ~ income + age + debt, binomial, train), trace = 0, k = log(nrow(train)))
print(coef(finite))
print(coef(small))

# On loans that the fit has not seen.
roc <- roc_points(small, newdata = test)
print(roc, most = 3)
calibration <- calibration_bins(small, newdata = test, by = "events")
print(calibration)
cut_offs <- threshold_table(small, newdata = test, thresholds = c(0.005, 0.01, 0.02, 0.05),
                            cost = c(false_positive = 1, false_negative = 50))
print(cut_offs)
