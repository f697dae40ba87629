"""What people might write, for hypothesis."""

from hypothesis import strategies as st

# What hypothesis would hardly think of: the words that the readers look for, strung together.
FORM_WORDS = st.lists(
    st.sampled_from(
        [
            *"0159.,-~至万亿元%年月日底≥<±/ ()（）级团@",
            "五十",
            "面议",
            "以上",
            "不超过",
            "TRL",
            "中试",
            "2027",
            "微信",
            "138",
            "0998",
        ]
    ),
    max_size=30,
).map("".join)
ANY_TEXT = st.text() | FORM_WORDS
